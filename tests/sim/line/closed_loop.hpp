// A controller against a line in virtual time: an echo each interval, a decision each interval,
// the verdict at the end. What decides is a function handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/units.hpp"
#include "tests/sim/line/line_model.hpp"
#include "tests/sim/line/line_spec.hpp"

namespace wanctl::sim {

struct RatePair {
    Rate download;  // 0 is unlimited
    Rate upload;
};

// Sends echoes through a line and collects their RTTs.
class VirtualProbe {
  public:
    explicit VirtualProbe(LineModel& line) : line_(&line) {}

    void send(SteadyTime now);
    // Moves the line to `to`; echoes that reach the far end on the way turn back. The RTT of the
    // last one that came home since the call before, if any did.
    [[nodiscard]] std::optional<Nanos> advance(SteadyTime to);
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

  private:
    LineModel* line_;
    std::vector<SteadyTime> sent_;
    std::uint64_t lost_ = 0;
};

// What changes on the line, beside its capacity, when the loop has run so long.
struct LineEvent {
    Nanos at{0};
    std::function<void(LineModel&)> happens;
};

struct ClosedLoopSpec {
    LineSpec line;
    std::vector<LineEvent> events;  // in the order of time
    Nanos duration = std::chrono::minutes(2);
    Nanos warm_up = std::chrono::seconds(5);  // runs, but does not count
    Nanos interval = std::chrono::milliseconds(50);
    Nanos actuation = std::chrono::milliseconds(15);  // from the decision to the router's queue
    Ratio bucket_size{0.1};
    RatePair initial;  // limits before the first decision
};

struct ClosedLoopResult {
    double rtt_p50_ms = 0;  // of a sparse packet, sampled each 10 ms of load
    double rtt_p99_ms = 0;
    Ratio goodput_download;  // share of what the line could carry
    Ratio goodput_upload;
    Ratio above_30_ms;  // share of the time with more than 30 ms of queue, both directions summed
    std::uint64_t goodput_download_bytes = 0;
    std::uint64_t goodput_upload_bytes = 0;
    std::uint64_t decisions = 0;
    std::uint64_t lost_echoes = 0;
};

// Called each interval with the newest RTT that arrived in it; nullopt out leaves the limits.
using LoopFunction =
    std::function<std::optional<RatePair>(std::optional<Nanos> rtt, SteadyTime now)>;

[[nodiscard]] ClosedLoopResult run_closed_loop(const ClosedLoopSpec& spec,
                                               const LoopFunction& decide);

}  // namespace wanctl::sim
