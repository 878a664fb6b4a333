// A tracker with clocks that the test moves: milliseconds in, packets as values.
#pragma once

#include <vector>

#include "autorate/probe/slot_tracker.hpp"

namespace wanctl::test {

using namespace wanctl::probe;

inline TrackerSettings settings_with(std::uint8_t reflectors, double interval_ms = 50) {
    TrackerSettings settings;
    settings.reflectors.count = reflectors;
    for (std::uint8_t i = 0; i < reflectors; ++i) {
        settings.reflectors.address[i] = Ipv4Address{0xc6120001U + i};
    }
    settings.interval = from_ms(interval_ms);
    settings.timeout = std::chrono::seconds(1);
    settings.blackout_after = std::chrono::seconds(6);
    return settings;
}

// What one slot sent.
using Sent = std::vector<Echo>;

class TrackerBench {
  public:
    explicit TrackerBench(const TrackerSettings& settings)
        : tracker(settings), settings_(settings) {}

    SlotTracker tracker;
    double now_ms = 1000;
    double wall_ahead_ms = 1e9;  // of the steady clock; a change is a step of the wall clock

    [[nodiscard]] SteadyTime steady(double ms) const { return SteadyTime(from_ms(ms)); }
    [[nodiscard]] WallTime wall(double ms) const {
        return WallTime(from_ms(ms) + from_ms(wall_ahead_ms));
    }
    [[nodiscard]] Instant now() const { return {steady(now_ms), wall(now_ms)}; }

    Sent open(std::uint64_t slot) {
        const auto echoes = tracker.open_slot(slot, now());
        return {echoes.begin(), echoes.end()};
    }
    // Opens the slot and gives every echo its transmit stamp at the same moment.
    Sent send(std::uint64_t slot) {
        const Sent sent = open(slot);
        for (const Echo& echo : sent) tracker.transmit_stamp(echo.number, wall(now_ms));
        return sent;
    }
    // The reply to `echo`, stamped and read now, from the right address.
    void reply(const Echo& echo) { reply_from(echo, echo.to); }
    void reply_from(const Echo& echo, IpAddress from) {
        tracker.reply(
            {{0, static_cast<std::uint16_t>(echo.number), echo.number}, from, wall(now_ms), now()});
    }
    SlotResult close(double baseline_ms = 20) {
        return tracker.close(steady(now_ms), from_ms(baseline_ms));
    }
    // One whole slot: sent, answered after rtt_ms, closed at the next tick.
    SlotResult answered_slot(std::uint64_t slot, double rtt_ms) {
        const Sent sent = send(slot);
        now_ms += rtt_ms;
        for (const Echo& echo : sent) reply(echo);
        now_ms += to_ms(settings_.interval) - rtt_ms;
        return close();
    }
    // One slot in which nothing comes back.
    SlotResult silent_slot(std::uint64_t slot, double baseline_ms = 20) {
        send(slot);
        now_ms += to_ms(settings_.interval);
        return close(baseline_ms);
    }

  private:
    TrackerSettings settings_;
};

}  // namespace wanctl::test
