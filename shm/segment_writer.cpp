#include "shm/segment_writer.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "shm/directory.hpp"
#include "shm/file_lock.hpp"
#include "shm/process_identity.hpp"
#include "shm/shared_object.hpp"

namespace wanctl::shm {

struct SegmentOwner::Impl {
    LifetimeLock lock;
    SharedObject object;
    std::vector<std::string> warnings;
};

namespace {

tl::unexpected<Error> system_failure(std::string_view what, const std::string& path, int code) {
    return fail(ErrorKind::system, fmt::format("cannot {} {}: {}", what, path, std::strerror(code)),
                code);
}

Result<void> check_options(const WriterOptions& options, const RecordAbi& abi) {
    if (!valid_name(options.name)) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\" cannot name a segment: 1 to {} of a-z, 0-9, '_' and '-'",
                                options.name, kWanBytes - 1));
    }
    constexpr std::size_t kTextBytes = kDescriptionBytes + kMoreDescriptionBytes;
    if (abi.counters.size() > kMaxCounters || abi.description.size() >= kTextBytes) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("the table of {} records does not fit the header: {} counters of "
                                "{}, description {} bytes of {}",
                                name(abi.kind), abi.counters.size(), kMaxCounters,
                                abi.description.size(), kTextBytes - 1));
    }
    return {};
}

// Also by owner: mapping a stranger's object would let him raise SIGBUS in us.
bool is_ours(int fd, const RecordAbi& abi) {
    SegmentHeader header{};
    struct stat status {};
    return ::fstat(fd, &status) == 0 && (status.st_uid == ::geteuid() || status.st_uid == 0) &&
           status.st_size >= static_cast<off_t>(sizeof header) &&
           ::pread(fd, &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header) &&
           header.magic == kMagic && header.endian_marker == kEndianMarker &&
           header.abi_major == abi.major;
}

// The object now under our name with its header mapped, if there is one of ours; its writer is
// gone, since we hold its lock.
Result<std::optional<SharedObject>> predecessor_of(const std::string& name, const RecordAbi& abi,
                                                   std::vector<std::string>& warnings) {
    auto object = SharedObject::open(object_name(name), Access::read_write);
    if (!object) {
        if (object.error().kind == ErrorKind::not_found) return std::nullopt;
        if (object.error().kind != ErrorKind::permission) {
            return fail(ErrorKind::busy, fmt::format("{}; remove it first", object.error().message),
                        EEXIST);
        }
        return fail(ErrorKind::busy,
                    fmt::format("{}; it belongs to another user: remove it as that user or as root",
                                object.error().message),
                    EACCES);
    }
    if (!is_ours(object->fd(), abi)) {
        warnings.push_back(fmt::format("{} was no segment of this version and user; it is replaced",
                                       object_path(name)));
        return std::nullopt;
    }
    const auto mapped = object->map(sizeof(SegmentHeader));
    if (!mapped) return tl::unexpected<Error>(mapped.error());
    return std::move(*object);
}

// Sends the predecessor's readers to the new object, which must be under the name by now: whoever
// is woken finds it at once.
void retire(const SharedObject& predecessor) {
    auto& header = *reinterpret_cast<SegmentHeader*>(predecessor.data());
    MappedAtomics::store_release(header.state, static_cast<std::uint32_t>(SegmentState::retired));
    MappedAtomics::store_release(header.doorbell, MappedAtomics::load_relaxed(header.doorbell) + 1);
    wake_doorbell(&header.doorbell);
}

Result<void> give_to_group(int fd, const std::string& group) {
    if (group.empty()) return {};
    std::array<char, 16384> buffer{};
    struct group entry {};
    struct group* found = nullptr;
    const int code = ::getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr) {
        return fail(ErrorKind::not_found,
                    fmt::format("[shm] group \"{}\" does not exist on this system", group), code);
    }
    if (::fchown(fd, static_cast<uid_t>(-1), entry.gr_gid) != 0) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("cannot give the segment to group \"{}\": {}; the daemon's user "
                                "must be a member of it",
                                group, std::strerror(errno)),
                    errno);
    }
    return {};
}

// Every page is reserved and touched now: a full file system fails here, not as SIGBUS in the loop.
Result<void> furnish(SharedObject& object, const std::string& path,
                     std::vector<std::string>& warnings) {
    if (const int code = ::posix_fallocate(object.fd(), 0, static_cast<off_t>(kSegmentBytes))) {
        return system_failure(fmt::format("reserve {} bytes for", kSegmentBytes), path, code);
    }
    const auto mapped = object.map(kSegmentBytes);
    if (!mapped) return tl::unexpected<Error>(mapped.error());
    std::memset(*mapped, 0, kSegmentBytes);
    if (::mlock(*mapped, kSegmentBytes) != 0) {
        warnings.push_back(fmt::format(
            "{} is not locked in memory ({}): raise LimitMEMLOCK or accept rare page faults", path,
            std::strerror(errno)));
    }
    if (!lock_first_byte(object.fd())) {
        warnings.push_back(
            fmt::format("{} could not be locked ({}): readers will take this writer "
                        "for dead",
                        path, std::strerror(errno)));
    }
    return {};
}

template <std::size_t Size>
void put_text(char (&place)[Size], std::string_view text) {
    std::memcpy(place, text.data(), std::min(text.size(), Size - 1));
}

// The object is zeroed: whatever follows the text ends it.
void put_description(SegmentFrame& frame, std::string_view text) {
    const std::string_view first = text.substr(0, kDescriptionBytes);
    std::memcpy(frame.header.description, first.data(), first.size());
    text.remove_prefix(first.size());
    put_text(frame.description, text);
}

void fill_header(SegmentHeader& header, const WriterOptions& options, const RecordAbi& abi,
                 const Clock& clock) {
    header.abi_major = abi.major;
    header.abi_minor = abi.minor;
    header.endian_marker = kEndianMarker;
    header.layout_hash = abi.layout_hash;
    header.segment_size = kSegmentBytes;
    header.header_size = kHeaderBytes;
    header.slot_size = kSlotBytes;
    header.slot_count = kSlots;
    header.record_version = abi.version;
    std::ranges::copy(boot_id(), header.boot_id);
    header.writer_pid = ::getpid();
    header.writer_start_ticks = start_ticks(header.writer_pid);
    header.epoch_ns = clock.wall().time_since_epoch().count();
    header.created_ns = clock.steady().time_since_epoch().count();
    header.tick_period_ns = options.tick_period.count();
    header.stale_after_ns = options.stale_after.count();
    put_text(header.wan, options.name);
    put_text(header.version, options.version);
    header.record_kind = static_cast<std::uint32_t>(abi.kind);
    header.counter_count = static_cast<std::uint32_t>(abi.counters.size());
    put_description(*reinterpret_cast<SegmentFrame*>(&header), abi.description);
    MappedAtomics::store_relaxed(header.heartbeat_ns, header.created_ns);
    MappedAtomics::store_release(header.state, static_cast<std::uint32_t>(SegmentState::live));
    std::atomic_thread_fence(std::memory_order_release);
    MappedAtomics::store_release(header.magic, kMagic);
}

}  // namespace

SegmentOwner::SegmentOwner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SegmentOwner::SegmentOwner(SegmentOwner&&) noexcept = default;
SegmentOwner& SegmentOwner::operator=(SegmentOwner&&) noexcept = default;
SegmentOwner::~SegmentOwner() = default;

Result<SegmentOwner> SegmentOwner::create(const WriterOptions& options, const RecordAbi& abi,
                                          const Clock& clock) {
    const auto sane = check_options(options, abi);
    if (!sane) return tl::unexpected<Error>(sane.error());
    auto lock = LifetimeLock::acquire(options.name);
    if (!lock) return tl::unexpected<Error>(lock.error());

    std::vector<std::string> warnings;
    const auto predecessor = predecessor_of(options.name, abi, warnings);
    if (!predecessor) return tl::unexpected<Error>(predecessor.error());

    const std::string unfinished = unfinished_object_name(options.name);
    const std::string path = object_path(options.name);
    SharedObject::unlink(unfinished);
    auto object = SharedObject::create(unfinished);
    if (!object) return tl::unexpected<Error>(object.error());
    const auto abandon = [&](const Error& error) {
        SharedObject::unlink(unfinished);
        return tl::unexpected<Error>(error);
    };
    if (const auto given = give_to_group(object->fd(), options.group); !given) {
        return abandon(given.error());
    }
    if (const auto furnished = furnish(*object, path, warnings); !furnished) {
        return abandon(furnished.error());
    }
    fill_header(*reinterpret_cast<SegmentHeader*>(object->data()), options, abi, clock);
    const std::string from = fmt::format("{}/{}", kDirectory, unfinished);
    if (std::rename(from.c_str(), path.c_str()) != 0) {
        const int code = errno;
        const auto kind = code == EPERM || code == EACCES ? ErrorKind::busy : ErrorKind::system;
        return abandon(
            Error{kind,
                  fmt::format("cannot put the new segment at {}: {}; what is there "
                              "belongs to another user: remove it as that user or as root",
                              path, std::strerror(code)),
                  code});
    }
    if (*predecessor) retire(**predecessor);
    return SegmentOwner(
        std::make_unique<Impl>(Impl{std::move(*lock), std::move(*object), std::move(warnings)}));
}

SegmentHeader& SegmentOwner::header() const {
    return *reinterpret_cast<SegmentHeader*>(impl_->object.data());
}

std::byte* SegmentOwner::slots() const {
    return impl_->object.data() + kHeaderBytes;
}

const std::vector<std::string>& SegmentOwner::warnings() const {
    return impl_->warnings;
}

}  // namespace wanctl::shm
