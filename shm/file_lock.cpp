#include "shm/file_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "shm/directory.hpp"

namespace wanctl::shm {
namespace {

struct flock first_byte(short type) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = 0;
    range.l_len = 1;
    return range;
}

// The kernel does not tell who holds an OFD lock: the holder leaves its pid in the file.
std::string holder(int fd) {
    char text[16] = {};
    const ssize_t got = ::pread(fd, text, sizeof text - 1, 0);
    std::string pid;
    for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
    return pid.empty() ? "another process" : "pid " + pid;
}

bool leave_pid(int fd) {
    const std::string text = fmt::format("{}\n", ::getpid());
    return ::ftruncate(fd, 0) == 0 &&
           ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

// Not O_CREAT on an existing file: in a sticky directory the kernel refuses that to everybody but
// the file's owner.
Fd open_lock_file(const std::string& path) {
    constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    Fd fd(::open(path.c_str(), kFlags));
    if (!fd && errno == ENOENT) fd = Fd(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0600));
    return fd;
}

bool still_named(int fd, const std::string& path) {
    struct stat ours {};
    struct stat named {};
    return ::fstat(fd, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

}  // namespace

bool lock_first_byte(int fd) {
    struct flock range = first_byte(F_WRLCK);
    return ::fcntl(fd, F_OFD_SETLK, &range) == 0;
}

bool first_byte_locked(int fd) {
    struct flock range = first_byte(F_RDLCK);
    return ::fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

Result<LifetimeLock> LifetimeLock::acquire(std::string_view name) {
    const std::string path = lock_path(name);
    // Again only when somebody creates or removes the file between our steps.
    for (int attempt = 0; attempt < 3; ++attempt) {
        Fd fd = open_lock_file(path);
        if (!fd) {
            const int code = errno;
            if (code == EEXIST) continue;
            const bool foreign = code == EACCES || code == EPERM || code == ELOOP;
            return fail(foreign ? ErrorKind::busy : ErrorKind::system,
                        fmt::format("cannot open {}: {}{}", path, std::strerror(code),
                                    foreign ? "; it belongs to another user or is not a plain "
                                              "file: remove it as its owner or as root"
                                            : ""),
                        code);
        }
        if (!lock_first_byte(fd.get())) {
            return fail(ErrorKind::busy,
                        fmt::format("segment {} already has a writer: {} holds {}", name,
                                    holder(fd.get()), path),
                        EAGAIN);
        }
        if (!still_named(fd.get(), path)) continue;
        // Only for the message above; a full file system is no reason not to run.
        static_cast<void>(leave_pid(fd.get()));
        return LifetimeLock(std::move(fd));
    }
    return fail(ErrorKind::busy, fmt::format("{} keeps being replaced by others", path), EAGAIN);
}

}  // namespace wanctl::shm
