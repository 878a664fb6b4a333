// A decider with both lines under the test's hand: what each says from now on, and time.
#pragma once

#include <optional>
#include <vector>

#include "common/reference_cycle.hpp"
#include "steering/decide/steering_decider.hpp"

namespace wanctl::steering {

// What a line says in every slot.
struct LineMood {
    SourceState source = SourceState::live;
    bool speaks = true;  // a record comes
    MeasurementState measurement = MeasurementState::fresh;
    double delta_ms = 2.0;
    Zone zone = Zone::green;
    QueueState download;
    QueueState upload;
};

inline LineMood idle() {
    return {};
}

// RED by the assessor, score 95 with the line's own zone RED.
inline LineMood congested(double delta_ms = 100.0) {
    LineMood mood;
    mood.delta_ms = delta_ms;
    mood.zone = Zone::red;
    mood.download = {3, 60};
    return mood;
}

inline LineMood blackout() {
    LineMood mood;
    mood.measurement = MeasurementState::blackout;
    return mood;
}

inline LineMood absent() {
    LineMood mood;
    mood.source = SourceState::absent;
    mood.speaks = false;
    return mood;
}

// There is a ring, and nothing new in it.
inline LineMood silent() {
    LineMood mood;
    mood.source = SourceState::stale;
    mood.speaks = false;
    return mood;
}

struct Toggle {
    Nanos at;  // since the start
    SteeringAction action;
    SteeringReason reason;
    Nanos held;
};

class DeciderDrive {
  public:
    explicit DeciderDrive(const SteeringConfig& config = {}, Nanos interval = kReferenceCycle)
        : interval_(interval), decider_(config, now_) {}

    LineMood primary = idle();
    LineMood alternate = idle();

    const SteeringDecision& slot() {
        now_ += interval_;
        DecideInput input;
        input.now = now_;
        input.source = {primary.source, alternate.source};
        if (primary.speaks) input.reading[0] = reading(primary);
        if (alternate.speaks) input.reading[1] = reading(alternate);
        last = decider_.decide(input);
        if (last.action != SteeringAction::none) {
            toggles.push_back({elapsed(), last.action, last.reason, last.held});
        }
        return last;
    }

    void run(Nanos time) {
        for (const SteadyTime end = now_ + time; now_ < end;) (void)slot();
    }

    // Slots until something toggles, at most `limit` long; nothing if nothing does.
    std::optional<Toggle> until_toggle(Nanos limit) {
        const std::size_t before = toggles.size();
        for (const SteadyTime end = now_ + limit; now_ < end && toggles.size() == before;) {
            (void)slot();
        }
        return toggles.size() == before ? std::nullopt : std::optional(toggles.back());
    }

    [[nodiscard]] Nanos elapsed() const { return now_ - SteadyTime{std::chrono::hours(1)}; }
    SteeringDecider& decider() { return decider_; }
    [[nodiscard]] SteadyTime now() const { return now_; }

    SteeringDecision last;
    std::vector<Toggle> toggles;

  private:
    [[nodiscard]] LineReading reading(const LineMood& mood) const {
        LineReading out;
        out.at = now_;
        out.interval = interval_;
        out.measurement = mood.measurement;
        if (mood.measurement == MeasurementState::fresh) out.delta = from_ms(mood.delta_ms);
        out.zone = mood.zone;
        out.direction_zone = {mood.zone, mood.zone};
        out.queue = QueueReading{now_,
                                 {std::max(mood.download.drops, mood.upload.drops),
                                  std::max(mood.download.packets, mood.upload.packets)},
                                 std::array{mood.download, mood.upload}};
        return out;
    }

    Nanos interval_;
    SteadyTime now_{std::chrono::hours(1)};
    SteeringDecider decider_;
};

}  // namespace wanctl::steering
