#include "tests/support/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wanctl::test {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

int opened(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
    return fd;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text(*entry);
        if (!more.contains(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (const auto& [name, value] : more) all.push_back(name + "=" + value);
    return all;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command,
                           const std::map<std::string, std::string>& environment) {
    // All memory is taken before the fork: the child of a threaded program may not allocate.
    auto arguments = command;
    auto variables = environment_with(environment);
    const auto argv = pointers(arguments);
    const auto envp = pointers(variables);
    const int out = opened(files_.file("out"));
    const int err = opened(files_.file("err"));
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        ::execvpe(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    const int error = errno;
    ::close(out);
    ::close(err);
    if (pid_ < 0) throw std::system_error(error, std::generic_category(), "fork");
}

ChildProcess::~ChildProcess() {
    if (!running()) return;
    signal(SIGKILL);
    static_cast<void>(wait());
}

bool ChildProcess::running() {
    if (exit_code_) return false;
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended != pid_) return true;
    left_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return false;
}

void ChildProcess::signal(int number) const {
    if (!exit_code_) ::kill(pid_, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds deadline) {
    static_cast<void>(wait_until([this] { return !running(); }, deadline));
    return exit_code_;
}

int ChildProcess::stop(std::chrono::milliseconds deadline) {
    signal(SIGTERM);
    if (const auto code = wait(deadline)) return *code;
    signal(SIGKILL);
    return wait().value_or(-1);
}

std::string ChildProcess::out() const {
    return text_of(files_.file("out"));
}

std::string ChildProcess::err() const {
    return text_of(files_.file("err"));
}

}  // namespace wanctl::test
