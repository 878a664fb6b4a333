// The signals of one line: what its readings add up to at a moment, each with its age, each absent
// when it is not known. Pure.
#pragma once

#include <array>
#include <optional>

#include "common/config/steering_config.hpp"
#include "steering/decide/line_reading.hpp"

namespace wanctl::steering {

// A line at one moment.
struct LineView {
    SourceState source = SourceState::absent;
    std::optional<Nanos> age;  // of the newest reading
    std::optional<Nanos> interval;
    std::optional<MeasurementState> measurement;
    std::optional<Nanos> delta;
    std::optional<Millis> delta_ewma;
    std::optional<Zone> zone;
    std::array<std::optional<Zone>, 2> direction_zone;  // [Direction]
    std::optional<Nanos> queue_age;
    std::optional<QueueState> queue;  // worse direction, while it holds
    bool drops_rising = false;        // over the last three readings
    bool queue_high = false;          // at the last two readings
    CongestedDirection congestion = CongestedDirection::none;
    bool silent = true;  // no ring, or nothing fresh in it
};

class LineSignals {
  public:
    LineSignals(const ThreeStateConfig& config, Nanos stale) : config_(config), stale_(stale) {}

    // Other settings from now on; the averages go on.
    void reconfigure(const ThreeStateConfig& config, Nanos stale) {
        config_ = config;
        stale_ = stale;
    }

    // Each reading once, in order.
    void take(const LineReading& reading);
    [[nodiscard]] LineView view(SourceState source, SteadyTime now) const;

    [[nodiscard]] std::optional<SteadyTime> last_at() const;
    [[nodiscard]] std::optional<MeasurementState> last_measurement() const;

  private:
    static constexpr std::size_t kQueueHistory = 3;

    void take_queue(const QueueReading& reading);
    [[nodiscard]] CongestedDirection congestion(bool queue_holds) const;

    ThreeStateConfig config_;
    Nanos stale_;
    std::optional<LineReading> last_;
    std::optional<Nanos> delta_;
    std::optional<Millis> ewma_;
    SteadyTime ewma_at_{};
    // The newest first.
    std::array<std::optional<QueueReading>, kQueueHistory> queue_;
    Nanos queue_interval_{};  // between readings, as far as known
};

}  // namespace wanctl::steering
