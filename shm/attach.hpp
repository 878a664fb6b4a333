// From a name to a mapped segment that may be believed: every check of a reader, in one order, each
// failure its own value.
//
// Order: open; regular file; size; owner and mode; first page read by pread (which cannot raise
// SIGBUS); magic, byte order, major version, sizes, kind, layout hash; only then mapped, and the
// magic looked at once more.
//
// "Major and hash must match to interpret" holds for the table a reader interprets by. Who has one
// compiled in gives its own RecordAbi. Who reads by the segment's self-description gives any_abi()
// and compares the hash of that description with SegmentFacts::layout_hash.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "common/record/record_abi.hpp"
#include "common/units.hpp"
#include "shm/layout.hpp"
#include "shm/shared_object.hpp"

namespace wanctl::shm {

enum class AttachStatus : std::uint8_t {
    bad_name,
    absent,
    no_permission,
    not_regular,  // a symbolic link, a directory, a FIFO
    not_ready,    // being built: empty, or no magic yet
    wrong_size,
    wrong_owner,
    wrong_mode,  // others than the owner may write
    foreign_magic,
    other_endian,
    other_major,
    other_kind,      // of record
    hash_mismatch,   // same major version, other fields: a development build
    wrong_geometry,  // header, slot or record sizes differ
    retired,         // a successor has taken over: attach again
    dead,            // its writer is gone or from another boot
    failed,          // the system refused
};

[[nodiscard]] std::string_view name(AttachStatus status);

struct AttachFailure {
    AttachStatus status = AttachStatus::failed;
    std::string text;  // for the operator: what was found, what was expected
};

// The constant part of a header as a checked local copy: strings ended, counts bounded, times
// plausible. Its texts are printable: no control character of a hostile segment reaches a terminal.
struct SegmentFacts {
    std::uint16_t abi_major = 0;
    std::uint16_t abi_minor = 0;
    std::uint64_t layout_hash = 0;
    std::uint32_t record_version = 0;
    RecordKind kind = RecordKind::cycle;
    std::array<std::uint8_t, 16> boot_id{};
    std::int32_t writer_pid = 0;
    std::uint64_t writer_start_ticks = 0;
    std::int64_t epoch_ns = 0;
    std::int64_t created_ns = 0;
    Nanos tick_period{};
    Nanos stale_after{};
    std::uint32_t counter_count = 0;
    std::string wan;
    std::string version;
    std::string
        description;  // as far as its first place in the header holds it, after attach() all
};

enum class Want : std::uint8_t {
    any,   // a corpse will do: the tool looks at those too
    live,  // refuse what is retired or dead
};

struct AttachOptions {
    // Users whose segments are believed; empty = anybody's.
    std::vector<uid_t> owners;
    Want want = Want::any;
    // CLOCK_MONOTONIC, for Want::live.
    SteadyTime now{};
};

// The process's own user and root: what a daemon believes when its configuration names no owner.
[[nodiscard]] std::vector<uid_t> own_and_root();

struct AttachedSegment {
    SharedObject object;  // mapped read-only
    SegmentFacts facts;
    dev_t device = 0;
    ino_t inode = 0;
    uid_t owner = 0;
    bool this_boot = false;  // its monotonic times are comparable with ours

    [[nodiscard]] const SegmentFrame& frame() const {
        return *reinterpret_cast<const SegmentFrame*>(object.data());
    }
    [[nodiscard]] const SegmentHeader& header() const { return frame().header; }
};

// `abi` is what this program was compiled with. A higher minor version attaches: the facts say so.
[[nodiscard]] tl::expected<AttachedSegment, AttachFailure> attach(std::string_view name,
                                                                  const RecordAbi& abi,
                                                                  const AttachOptions& options);

// The checks of the first page alone, on bytes from anywhere.
[[nodiscard]] tl::expected<SegmentFacts, AttachFailure> check_header(
    std::span<const std::byte, sizeof(SegmentHeader)> page, const RecordAbi& abi);

// The self-description from both its places, whatever the bytes hold: bounded, NUL or not.
[[nodiscard]] std::string whole_description(const SegmentFrame& frame);

}  // namespace wanctl::shm
