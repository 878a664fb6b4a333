#include "common/state/state_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>
#include <boost/crc.hpp>

#include "common/config/file_text.hpp"
#include "common/fd.hpp"

namespace wanctl {

namespace {

constexpr std::string_view kMagic = "wanctl-state ";
constexpr std::size_t kLongestHeader = 64;

std::uint32_t crc32(std::string_view text) {
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    return crc.checksum();
}

std::string header(unsigned version, std::string_view text) {
    return fmt::format("{}{} {:08x} {}\n", kMagic, version, crc32(text), text.size());
}

tl::unexpected<Error> damaged(const std::string& path, std::string_view how) {
    return fail(ErrorKind::invalid_input, fmt::format("state file {} {}", path, how));
}

tl::unexpected<Error> system_failure(std::string_view what, const std::string& path, int code) {
    const std::string directory = path.substr(0, path.rfind('/'));
    const std::string remedy =
        code == ENOENT ? fmt::format("; create the directory {} for the daemon's user", directory)
        : code == EACCES || code == EPERM
            ? fmt::format("; give the directory {} to the daemon's user", directory)
        : code == ENOSPC || code == EDQUOT ? std::string("; free some space there")
        : code == EROFS ? std::string("; set [state] dir to a directory that can be written")
                        : std::string();
    return fail(code == EACCES || code == EPERM ? ErrorKind::permission : ErrorKind::system,
                fmt::format("cannot {} state file {}: {}{}", what, path,
                            std::generic_category().message(code), remedy),
                code);
}

// The number at the front of `text`, which it is taken off.
template <typename Integer>
bool take(std::string_view& text, Integer& out, int base = 10) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (fault != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool take(std::string_view& text, char separator) {
    if (text.empty() || text.front() != separator) return false;
    text.remove_prefix(1);
    return true;
}

// 0 or errno.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

Result<std::optional<std::string>> read_state_file(const std::string& path, unsigned version) {
    const auto whole = config::read_small_file(path, kLongestHeader + kLargestStateText);
    if (!whole) {
        if (whole.error().kind == ErrorKind::not_found) return std::nullopt;
        if (whole.error().kind == ErrorKind::invalid_input)
            return damaged(path, whole.error().message);
        return system_failure("read", path, whole.error().code);
    }
    std::string_view rest = *whole;
    if (rest.substr(0, kMagic.size()) != kMagic) return damaged(path, "is not one of wanctl");
    rest.remove_prefix(kMagic.size());
    unsigned found = 0;
    if (!take(rest, found)) return damaged(path, "is cut short");
    if (found != version)
        return fail(ErrorKind::unsupported,
                    fmt::format("state file {} is of version {}, this program knows {}", path,
                                found, version));
    std::uint32_t checksum = 0;
    std::size_t bytes = 0;
    if (!take(rest, ' ') || !take(rest, checksum, 16) || !take(rest, ' ') || !take(rest, bytes) ||
        !take(rest, '\n') || rest.size() != bytes)
        return damaged(path, "is cut short");
    if (crc32(rest) != checksum) return damaged(path, "does not match its checksum");
    return std::string(rest);
}

Result<void> write_state_file(const std::string& path, unsigned version, std::string_view text) {
    const std::string fresh = path + ".new";
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    Fd fd(::open(fresh.c_str(), kFlags, 0640));
    if (!fd) return system_failure("write", path, errno);
    int code = write_all(fd.get(), header(version, text) + std::string(text));
    if (::close(fd.release()) != 0 && code == 0) code = errno;
    if (code == 0 && std::rename(fresh.c_str(), path.c_str()) != 0) code = errno;
    if (code != 0) {
        ::unlink(fresh.c_str());
        return system_failure("write", path, code);
    }
    // The rename is safe only with its directory. What refuses that (some network file systems)
    // has the name nevertheless.
    const Fd directory(
        ::open(path.substr(0, path.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) static_cast<void>(::fsync(directory.get()));
    return {};
}

Result<std::string> set_aside_state_file(const std::string& path) {
    std::string aside = path + ".damaged";
    if (std::rename(path.c_str(), aside.c_str()) != 0)
        return system_failure("set aside", path, errno);
    return aside;
}

}  // namespace wanctl
