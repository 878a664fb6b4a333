// The part of RouterOS's /queue/tree that wanctl uses, as text to send and replies to read. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::routeros {

// RouterOS writes "no limit" as max-limit 0; here it is the largest rate, so that comparisons hold.
inline constexpr Rate kUnlimited{std::numeric_limits<std::int64_t>::max()};

using QueueNames = std::array<std::string, 2>;  // [Direction]

struct QueueCounts {
    std::uint64_t bytes = 0;  // cumulative since the queue was made, reset or the router started
    std::uint64_t packets = 0;
    std::uint64_t dropped = 0;
    std::uint64_t queued_bytes = 0;  // standing now
    std::uint64_t queued_packets = 0;
};

struct QueueReading {
    std::string id;
    std::string name;
    Rate max_limit = kUnlimited;
    QueueCounts counts;
    bool invalid = false;   // the parent is missing or down: nothing is shaped
    bool disabled = false;  // switched off: nothing is shaped
};

using QueuePair = std::array<QueueReading, 2>;  // [Direction]

// Why both queues could not be read.
struct QueueFault {
    RouterState state = RouterState::bad_reply;  // queue_missing, queue_ambiguous or bad_reply
    std::string message;
};

// GET: every queue of the tree, only the fields of QueueReading. Works on every version and tells
// the truth about duplicates, but grows with the tree: for look-ups.
[[nodiscard]] std::string list_path();

// POST: only the queues of these pairs. A GET filter can name one value only (its terms are ANDed),
// while print's .query has an "or": for the statistics, which are read often.
[[nodiscard]] std::string_view print_path();
[[nodiscard]] std::string print_body(std::span<const QueueNames> pairs);

[[nodiscard]] std::string patch_path(std::string_view id);
[[nodiscard]] std::string patch_body(Rate max_limit);

// Both queues by exact name out of a list reply. The two names may not be the same.
[[nodiscard]] tl::expected<QueuePair, QueueFault> find_queues(std::string_view body,
                                                              const QueueNames& names);

// The one record of a PATCH reply.
[[nodiscard]] Result<QueueReading> read_queue(std::string_view body);

}  // namespace wanctl::routeros
