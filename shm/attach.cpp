#include "shm/attach.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/printable.hpp"
#include "shm/directory.hpp"
#include "shm/liveness.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::shm {
namespace {

template <typename... Args>
tl::unexpected<AttachFailure> refuse(AttachStatus status, fmt::format_string<Args...> format,
                                     Args&&... args) {
    return tl::unexpected<AttachFailure>(
        AttachFailure{status, fmt::format(format, std::forward<Args>(args)...)});
}

AttachStatus status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::not_found:
            return AttachStatus::absent;
        case ErrorKind::permission:
            return AttachStatus::no_permission;
        case ErrorKind::invalid_input:
            return AttachStatus::not_regular;
        default:
            return AttachStatus::failed;
    }
}

template <std::size_t Size>
std::string bounded(const char (&text)[Size]) {
    return printable(std::string_view(text, ::strnlen(text, Size)));
}

std::string_view first_description(const SegmentHeader& header) {
    return {header.description, ::strnlen(header.description, kDescriptionBytes)};
}

// A writer's own promise is believed only within reason: readers derive their deadlines from it.
Nanos within_reason(std::int64_t ns) {
    constexpr std::int64_t kLeast = 1'000'000;
    constexpr std::int64_t kMost = 3'600'000'000'000;
    return Nanos(std::clamp(ns, kLeast, kMost));
}

SegmentFacts header_facts(const SegmentHeader& header) {
    SegmentFacts facts;
    facts.abi_major = header.abi_major;
    facts.abi_minor = header.abi_minor;
    facts.layout_hash = header.layout_hash;
    facts.record_version = header.record_version;
    facts.kind = static_cast<RecordKind>(header.record_kind);
    std::ranges::copy(header.boot_id, facts.boot_id.begin());
    facts.writer_pid = header.writer_pid;
    facts.writer_start_ticks = header.writer_start_ticks;
    facts.epoch_ns = header.epoch_ns;
    facts.created_ns = header.created_ns;
    facts.tick_period = within_reason(header.tick_period_ns);
    facts.stale_after = within_reason(header.stale_after_ns);
    facts.counter_count = std::min<std::uint32_t>(header.counter_count, kMaxCounters);
    facts.wan = bounded(header.wan);
    facts.version = bounded(header.version);
    facts.description = std::string(first_description(header));
    return facts;
}

tl::expected<struct stat, AttachFailure> check_file(int fd, const std::string& path,
                                                    const AttachOptions& options) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return refuse(AttachStatus::failed, "cannot stat {}: {}", path, std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return refuse(AttachStatus::not_regular, "{} is not a shared-memory object", path);
    }
    if (status.st_size == 0) {
        return refuse(AttachStatus::not_ready, "{} is empty: its writer has not built it", path);
    }
    if (status.st_size != static_cast<off_t>(kSegmentBytes)) {
        return refuse(AttachStatus::wrong_size, "{} has {} bytes, a segment of this version has {}",
                      path, status.st_size, kSegmentBytes);
    }
    if (!options.owners.empty() &&
        std::ranges::find(options.owners, status.st_uid) == options.owners.end()) {
        return refuse(AttachStatus::wrong_owner,
                      "{} belongs to uid {}, which is not trusted here: set [shm] owner", path,
                      status.st_uid);
    }
    if ((status.st_mode & 022) != 0) {
        return refuse(AttachStatus::wrong_mode, "{} has mode {:04o}: others may write to it", path,
                      status.st_mode & 07777);
    }
    return status;
}

}  // namespace

std::string_view name(AttachStatus status) {
    switch (status) {
        case AttachStatus::bad_name:
            return "bad_name";
        case AttachStatus::absent:
            return "absent";
        case AttachStatus::no_permission:
            return "no_permission";
        case AttachStatus::not_regular:
            return "not_regular";
        case AttachStatus::not_ready:
            return "not_ready";
        case AttachStatus::wrong_size:
            return "wrong_size";
        case AttachStatus::wrong_owner:
            return "wrong_owner";
        case AttachStatus::wrong_mode:
            return "wrong_mode";
        case AttachStatus::foreign_magic:
            return "foreign_magic";
        case AttachStatus::other_endian:
            return "other_endian";
        case AttachStatus::other_major:
            return "other_major";
        case AttachStatus::other_kind:
            return "other_kind";
        case AttachStatus::hash_mismatch:
            return "hash_mismatch";
        case AttachStatus::wrong_geometry:
            return "wrong_geometry";
        case AttachStatus::retired:
            return "retired";
        case AttachStatus::dead:
            return "dead";
        case AttachStatus::failed:
            return "failed";
    }
    return "invalid";
}

std::vector<uid_t> own_and_root() {
    const uid_t own = ::geteuid();
    return own == 0 ? std::vector<uid_t>{0} : std::vector<uid_t>{own, 0};
}

tl::expected<SegmentFacts, AttachFailure> check_header(
    std::span<const std::byte, sizeof(SegmentHeader)> page, const RecordAbi& abi) {
    SegmentHeader header{};
    std::memcpy(&header, page.data(), sizeof header);
    if (header.magic == 0) {
        return refuse(AttachStatus::not_ready, "its writer has not finished building it");
    }
    if (header.magic != kMagic) {
        return refuse(AttachStatus::foreign_magic, "magic {:#x} is not wanctl's", header.magic);
    }
    if (header.endian_marker != kEndianMarker) {
        return refuse(AttachStatus::other_endian, "byte order marker {:#010x}, expected {:#010x}",
                      header.endian_marker, kEndianMarker);
    }
    if (header.abi_major != abi.major) {
        return refuse(
            AttachStatus::other_major,
            "written by ABI {}.{} ({}), this program reads {}.x: use the tool of the same "
            "version as the daemon",
            header.abi_major, header.abi_minor, bounded(header.version), abi.major);
    }
    if (header.segment_size != kSegmentBytes || header.header_size != kHeaderBytes ||
        header.slot_size != kSlotBytes || header.slot_count != kSlots) {
        return refuse(AttachStatus::wrong_geometry,
                      "{} bytes, header {}, {} slots of {}; expected {}, {}, {} of {}",
                      header.segment_size, header.header_size, header.slot_count, header.slot_size,
                      kSegmentBytes, kHeaderBytes, kSlots, kSlotBytes);
    }
    if (abi.kind == RecordKind::any) return header_facts(header);
    if (header.record_kind != static_cast<std::uint32_t>(abi.kind)) {
        return refuse(AttachStatus::other_kind, "holds records of kind {}, not {} ({})",
                      header.record_kind, static_cast<std::uint32_t>(abi.kind), name(abi.kind));
    }
    if (header.layout_hash != abi.layout_hash) {
        return refuse(AttachStatus::hash_mismatch,
                      "layout hash {:016x} ({}), this program was built for {:016x}",
                      header.layout_hash, bounded(header.version), abi.layout_hash);
    }
    return header_facts(header);
}

std::string whole_description(const SegmentFrame& frame) {
    std::string text(first_description(frame.header));
    if (text.size() == kDescriptionBytes) {
        text.append(frame.description, ::strnlen(frame.description, kMoreDescriptionBytes));
    }
    return text;
}

tl::expected<AttachedSegment, AttachFailure> attach(std::string_view name, const RecordAbi& abi,
                                                    const AttachOptions& options) {
    if (!valid_name(name)) {
        return refuse(AttachStatus::bad_name,
                      "\"{}\" is no segment name: 1 to {} of a-z, 0-9, '_' and '-'", name,
                      kWanBytes - 1);
    }
    const std::string path = object_path(name);
    auto object = SharedObject::open(object_name(name), Access::read_only);
    if (!object) return refuse(status_of(object.error().kind), "{}", object.error().message);

    const auto status = check_file(object->fd(), path, options);
    if (!status) return tl::unexpected<AttachFailure>(status.error());

    alignas(SegmentHeader) std::array<std::byte, sizeof(SegmentHeader)> page{};
    if (::pread(object->fd(), page.data(), page.size(), 0) != static_cast<ssize_t>(page.size())) {
        return refuse(AttachStatus::failed, "cannot read {}", path);
    }
    auto facts = check_header(page, abi);
    if (!facts) {
        return refuse(facts.error().status, "{}: {}", path, facts.error().text);
    }
    if (const auto mapped = object->map(kSegmentBytes); !mapped) {
        return refuse(AttachStatus::failed, "{}", mapped.error().message);
    }
    const bool this_boot = facts->boot_id == boot_id();
    AttachedSegment segment{std::move(*object), std::move(*facts), status->st_dev,
                            status->st_ino,     status->st_uid,    this_boot};
    if (MappedAtomics::load_acquire(segment.header().magic) != kMagic) {
        return refuse(AttachStatus::not_ready, "{} changed while it was being opened", path);
    }
    segment.facts.description = whole_description(segment.frame());
    if (options.want == Want::live) {
        const Liveness liveness = liveness_of(segment, options.now);
        if (liveness == Liveness::retired) {
            return refuse(AttachStatus::retired, "{} has been replaced by a new one", path);
        }
        if (liveness == Liveness::dead && !this_boot) {
            return refuse(AttachStatus::dead, "{} is from another boot of this machine", path);
        }
        if (liveness == Liveness::dead) {
            return refuse(AttachStatus::dead, "the writer of {} (pid {}) is gone", path,
                          segment.facts.writer_pid);
        }
    }
    return segment;
}

}  // namespace wanctl::shm
