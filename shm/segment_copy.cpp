#include "shm/segment_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/fd.hpp"

namespace wanctl::shm {
namespace {

tl::unexpected<AttachFailure> refuse(AttachStatus status, std::string text) {
    return tl::unexpected<AttachFailure>(AttachFailure{status, std::move(text)});
}

AttachStatus status_of(int code) {
    switch (code) {
        case ENOENT:
        case ENOTDIR:
            return AttachStatus::absent;
        case EACCES:
        case EPERM:
            return AttachStatus::no_permission;
        default:
            return AttachStatus::failed;
    }
}

bool read_whole(int fd, std::byte* to, std::size_t bytes) {
    while (bytes > 0) {
        const ssize_t got = ::read(fd, to, bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

}  // namespace

tl::expected<SegmentCopy, AttachFailure> SegmentCopy::load(const std::string& path,
                                                           const RecordAbi& abi) {
    // A FIFO without a writer must not block us.
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        const int code = errno;
        return refuse(status_of(code),
                      fmt::format("cannot open {}: {}", path, std::strerror(code)));
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return refuse(AttachStatus::not_regular, fmt::format("{} is not a plain file", path));
    }
    if (status.st_size != static_cast<off_t>(kSegmentBytes)) {
        return refuse(AttachStatus::wrong_size, fmt::format("{} has {} bytes, a segment has {}",
                                                            path, status.st_size, kSegmentBytes));
    }
    SegmentCopy copy;
    copy.bytes = std::make_unique<SegmentLayout<RawRecord>>();
    auto* bytes = reinterpret_cast<std::byte*>(copy.bytes.get());
    if (!read_whole(fd.get(), bytes, kSegmentBytes)) {
        return refuse(AttachStatus::failed, fmt::format("cannot read all of {}", path));
    }
    auto facts = check_header(
        std::span<const std::byte, sizeof(SegmentHeader)>(bytes, sizeof(SegmentHeader)), abi);
    if (!facts) {
        return refuse(facts.error().status, fmt::format("{}: {}", path, facts.error().text));
    }
    copy.facts = std::move(*facts);
    copy.facts.description = whole_description(copy.bytes->frame);
    return copy;
}

}  // namespace wanctl::shm
