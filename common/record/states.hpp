// The named states a record can hold. The numbers are part of the shared-memory ABI: append only.
#pragma once

#include <cstdint>
#include <string_view>

namespace wanctl {

enum class Direction : std::uint8_t { download = 0, upload = 1 };

enum class Zone : std::uint8_t { green = 0, yellow = 1, soft_red = 2, red = 3 };

enum class MeasurementState : std::uint8_t {
    none = 0,      // nothing arrived in this slot; the line is not in doubt
    fresh = 1,     // at least one reply arrived in this slot
    blind = 2,     // echoes are pending on every reflector for too long
    blackout = 3,  // blind beyond max_s: rates frozen, zone kept
};

// What the RTT of a slot rests on.
enum class SampleSource : std::uint8_t {
    reply = 0,    // echo replies
    pending = 1,  // echoes that two reflectors have not answered for too long: their age
    tcp = 2,      // TCP connects while no reflector answers, less their offset to echoes
    last = 3,     // none: the last average again (under compat only)
    late = 4,     // echo replies, some of them later than the timeout
};

// What is known of the line by other means while no reflector answers.
enum class FallbackState : std::uint8_t {
    off = 0,           // reflectors answer, or nothing else can be asked
    dead = 1,          // nobody answers
    gateway_only = 2,  // the gateway answers, nobody behind it
    tcp = 3,           // TCP targets accept, and their RTT stands in for the reflectors'
    tcp_frozen = 4,    // TCP targets accept, but how their RTT compares is not known, or not asked
};

// Where the RTT's two time stamps come from, best first.
enum class StampSource : std::uint8_t {
    kernel = 0,     // kernel transmit and receive stamps
    kernel_rx = 1,  // kernel receive stamp, user-space send time
    user = 2,       // both in user space
};

enum class RouterState : std::uint8_t {
    unknown = 0,          // not asked yet
    ok = 1,               // answers, queues resolved
    unreachable = 2,      // no connection or no answer
    unauthorized = 3,     // 401
    forbidden = 4,        // 403, or a policy is missing
    queue_missing = 5,    // a configured queue name matches nothing
    queue_ambiguous = 6,  // or several
    bad_reply = 7,        // not what a RouterOS REST API answers (HTML, broken JSON, other types)
    failing = 8,          // answers, but with an error status (400, 415, 500 ...)
    untrusted = 9,        // TLS: the certificate or the pinned key does not fit
    late = 10,            // a request is under way for seconds; its answer is waited for
};

enum class WriteOutcome : std::uint8_t {
    none = 0,         // no write ended in this slot
    applied = 1,      // the reply carries the value asked for
    differs = 2,      // 200, but the reply carries another value
    refused = 3,      // an error status
    unreachable = 4,  // no answer
};

// Why a direction's zone changed; together with delta and threshold it yields the text.
enum class TransitionReason : std::uint8_t {
    none = 0,
    exceeded_hard_red = 1,
    exceeded_soft_red = 2,
    exceeded_green = 3,
    exceeded_warn = 4,
    exceeded_target = 5,
    below_green = 6,
    at_green = 7,
    below_target = 8,
    at_target = 9,
};

// What a slot's sample did to the baseline.
enum class BaselineState : std::uint8_t {
    following = 0,      // it learns from the sample
    held = 1,           // the line is loaded, or the path became longer
    moved = 2,          // the path has changed: the baseline is at its new round trip
    out_of_bounds = 3,  // it would have left baseline.min_ms .. max_ms, and stays
};

// What a direction's delay estimate rests on. One-way estimates come with later probe methods.
enum class DelayEvidence : std::uint8_t { unknown = 0, rtt = 1 };

[[nodiscard]] std::string_view name(Direction value);
[[nodiscard]] std::string_view name(Zone value);
[[nodiscard]] std::string_view name(MeasurementState value);
[[nodiscard]] std::string_view name(SampleSource value);
[[nodiscard]] std::string_view name(FallbackState value);
[[nodiscard]] std::string_view name(StampSource value);
[[nodiscard]] std::string_view name(RouterState value);
[[nodiscard]] std::string_view name(WriteOutcome value);
[[nodiscard]] std::string_view name(TransitionReason value);
[[nodiscard]] std::string_view name(DelayEvidence value);
[[nodiscard]] std::string_view name(BaselineState value);

}  // namespace wanctl
