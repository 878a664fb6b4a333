#include "tests/sim/line/net_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>

namespace wanctl::sim {

namespace {

auto system_error(const std::string& what) {
    const int code = errno;
    const auto kind = code == EPERM || code == EACCES ? ErrorKind::permission : ErrorKind::system;
    return fail(kind, fmt::format("{}: {}", what, std::strerror(code)), code);
}

}  // namespace

Result<NetNamespace> NetNamespace::create() {
    Result<Fd> made;
    std::thread([&made] {
        if (::unshare(CLONE_NEWNET) != 0) {
            made = system_error(
                "a network namespace for the far end (root, or a user namespace, is needed)");
            return;
        }
        Fd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        if (!fd)
            made = system_error("/proc/thread-self/ns/net");
        else
            made = std::move(fd);
    }).join();
    if (!made) return tl::unexpected<Error>(made.error());
    return NetNamespace(std::move(*made));
}

Result<void> NetNamespace::run(const std::function<Result<void>()>& work) const {
    Result<void> done;
    std::thread([&] {
        if (::setns(fd_.get(), CLONE_NEWNET) != 0)
            done = system_error("the far namespace");
        else
            done = work();
    }).join();
    return done;
}

Result<int> NetNamespace::spawn(const std::string& command) const {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return system_error("a process for the far command");
    if (pid > 0) {
        ::setpgid(pid, pid);
        return pid;
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::setns(fd_.get(), CLONE_NEWNET) != 0) ::_exit(126);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
}

Result<void> require_closed_namespace() {
    std::ifstream routes("/proc/thread-self/net/route");
    std::string line;
    std::getline(routes, line);
    while (std::getline(routes, line)) {
        std::istringstream fields(line);
        std::string device, destination, gateway, flags, refs, use, metric, mask;
        fields >> device >> destination >> gateway >> flags >> refs >> use >> metric >> mask;
        if (destination == "00000000" && mask == "00000000") {
            return fail(ErrorKind::permission,
                        fmt::format("this network namespace has a default route through {}; start "
                                    "the simulator in one of its own: unshare -n",
                                    device));
        }
    }
    return {};
}

}  // namespace wanctl::sim
