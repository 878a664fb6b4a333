// To be preloaded (LD_PRELOAD) into a daemon: its databases lie on a bad disk then. With
// WANCTL_DISK=slow a write to one waits 100 ms, once in half a second, which is once a batch; with
// WANCTL_DISK=full writes have no space as soon as the file WANCTL_DISK_FULL names exists.
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace {

bool is_database(int fd) {
    char link[32];
    char path[256];
    std::strcpy(link, "/proc/self/fd/");
    const std::string number = std::to_string(fd);
    std::strcat(link, number.c_str());
    const ssize_t length = ::readlink(link, path, sizeof path);
    return length > 0 && std::string_view(path, static_cast<std::size_t>(length)).find(".db") !=
                             std::string::npos;
}

// Whether the write may go on.
bool allowed(int fd) {
    const char* const disk = std::getenv("WANCTL_DISK");
    if (disk == nullptr || !is_database(fd)) return true;
    if (std::string_view(disk) == "full") {
        const char* const sign = std::getenv("WANCTL_DISK_FULL");
        return sign == nullptr || ::access(sign, F_OK) != 0;
    }
    using Clock = std::chrono::steady_clock;
    static std::atomic<Clock::rep> waited{0};
    const auto now = Clock::now().time_since_epoch();
    if (now - Clock::duration(waited.load()) > std::chrono::milliseconds(500)) {
        waited = now.count();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return true;
}

}  // namespace

extern "C" {

ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t at) {
    if (!allowed(fd)) {
        errno = ENOSPC;
        return -1;
    }
    static const auto next = reinterpret_cast<ssize_t (*)(int, const void*, size_t, off64_t)>(
        ::dlsym(RTLD_NEXT, "pwrite64"));
    return next(fd, data, bytes, at);
}

ssize_t pwrite(int fd, const void* data, size_t bytes, off_t at) {
    return pwrite64(fd, data, bytes, at);
}

}  // extern "C"
