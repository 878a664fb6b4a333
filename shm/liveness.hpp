// Is a segment's writer alive? From its state word, the kernel-held lock and its heartbeat; never
// from its pid.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/units.hpp"
#include "shm/attach.hpp"

namespace wanctl::shm {

enum class Liveness : std::uint8_t {
    live,
    hung,     // holds its lock, but its heartbeat is older than three times its own promise
    stopped,  // it said so
    retired,  // a successor said so
    dead,     // lock free without a word, or from another boot
};

[[nodiscard]] std::string_view name(Liveness liveness);

// Heartbeats older than this many times the writer's stale_after are no heartbeats.
inline constexpr int kHeartbeatsMissed = 3;

// `now` is CLOCK_MONOTONIC.
[[nodiscard]] Liveness liveness_of(const AttachedSegment& segment, SteadyTime now);

enum class Reattach : std::uint8_t {
    no,
    retired,   // the state word says so
    replaced,  // the object has no name any more
    stale,     // heartbeat too old or lock gone: try now and then
};

// Why an attached reader should look for another object under its name; keep the old mapping until
// that one validates.
[[nodiscard]] Reattach reattach_reason(const AttachedSegment& segment, SteadyTime now);

}  // namespace wanctl::shm
