// What is asked while no reflector answers, and what the law may learn from it. Pure: rounds are
// run by line_checks.hpp, which this asks for and is told the outcome of.
//
// A round asks the gateway and all TCP targets at once. While the line is blind there is one a
// second at most; while reflectors answer there is one a minute, to learn how TCP compares with
// echoes. Only in mode graceful_degradation does the TCP round trip, less that offset, reach the
// filters; a target without an offset tells no more than that the line is alive.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "autorate/probe/slot_result.hpp"
#include "autorate/probe/tcp_offset.hpp"
#include "common/config/autorate_config.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

// What a round of checks found; absent: no answer in time.
struct CheckOutcome {
    std::optional<Nanos> gateway;
    std::array<std::optional<Nanos>, kMaxTcpTargets> tcp;
    std::uint16_t moved = 0;  // bit i: tcp[i] is of another address than in the rounds before
};

class Fallback {
  public:
    static constexpr Nanos kRoundEvery = std::chrono::seconds(1);
    static constexpr Nanos kFirstLesson = std::chrono::seconds(2);
    static constexpr Nanos kLessonEvery = std::chrono::minutes(1);
    // A round's answer stands that long; then the line counts as dead again.
    static constexpr Nanos kRoundStands = std::chrono::milliseconds(2500);

    // `targets` are the TCP targets of `config` that can be asked at all.
    Fallback(const FallbackConfig& config, std::size_t targets);

    // Judges the slot that `result` tells of: adds what the last round found, with `load`, the
    // law's present average, under use_last_rtt. True when a round is to begin now.
    [[nodiscard]] bool at_close(SteadyTime now, Nanos load, SlotResult& result);
    void round_ended(SteadyTime now, const CheckOutcome& outcome);

  private:
    void learn(const CheckOutcome& outcome, Nanos echo);
    void add_sample(SteadyTime now, Nanos load, SlotResult& result);
    [[nodiscard]] std::optional<Nanos> corrected(const CheckOutcome& outcome) const;
    [[nodiscard]] FallbackState state(SteadyTime now) const;
    [[nodiscard]] bool due(SteadyTime now, bool blind);

    FallbackMode mode_;
    std::size_t targets_;
    bool anything_to_ask_;
    TcpOffset offset_;
    bool blind_ = false;
    bool running_ = false;
    bool lesson_ = false;        // the running round is one
    std::optional<Nanos> echo_;  // newest round trip by reflectors
    std::optional<SteadyTime> first_answer_;
    std::optional<SteadyTime> last_round_;
    std::optional<SteadyTime> ended_;  // the last round of this blindness
    CheckOutcome outcome_;
    std::optional<Nanos> sample_;  // not yet given to the law
    std::int32_t tcp_rtt_us_ = kUnknownUs;
    std::int32_t tcp_offset_us_ = kUnknownUs;
    std::int32_t gateway_rtt_us_ = kUnknownUs;
};

}  // namespace wanctl::probe
