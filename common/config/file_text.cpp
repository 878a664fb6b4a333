#include "common/config/file_text.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace wanctl::config {

namespace {

class Fd {
  public:
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd() {
        if (fd_ >= 0) ::close(fd_);
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

tl::unexpected<Error> system_error(int code) {
    const ErrorKind kind = code == ENOENT || code == ENOTDIR ? ErrorKind::not_found
                           : code == EACCES || code == EPERM ? ErrorKind::permission
                                                             : ErrorKind::system;
    return fail(kind,
                fmt::format("cannot be read: {}, allowed: a readable file",
                            std::generic_category().message(code)),
                code);
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t largest) {
    // A NUL would silently cut the name short.
    if (path.find('\0') != std::string::npos) return system_error(ENOENT);
    // O_NONBLOCK: opening a pipe without a writer would wait for ever.
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (fd.get() < 0) return system_error(errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return system_error(errno);
    if (S_ISDIR(status.st_mode)) {
        return fail(ErrorKind::invalid_input, "is a directory, allowed: a file", EISDIR);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(ErrorKind::invalid_input,
                    "is a device, pipe or socket, allowed: a regular file");
    }
    std::string text;
    char buffer[16384];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(errno);
        if (got == 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
        if (text.size() > largest) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("is too large, allowed: at most {} bytes", largest));
        }
    }
}

}  // namespace wanctl::config
