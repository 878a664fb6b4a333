#include "common/metrics/cycle_tap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wanctl::metrics {

void CycleTap::observe(const CycleRecord& record, std::uint64_t router_failures) {
    latest_ = record;
    any_ = true;
    const auto measurement = static_cast<MeasurementState>(record.measurement);
    blackout_slots_ = measurement == MeasurementState::blackout ? blackout_slots_ + 1 : 0;
    router_.observe(static_cast<RouterState>(record.router_state),
                    SteadyTime(Nanos(record.mono_ns)), WallTime(Nanos(record.real_ns)),
                    router_failures);
    for (std::size_t i = 0; i < stage_.size(); ++i) stage_[i].add(Nanos(record.stage_ns[i]));
    lateness_.add(Nanos(record.lateness_ns));
    const std::uint32_t cpu = record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)];
    if (slot_cpu_.size() < kWindow) {
        slot_cpu_.push_back(cpu);
    } else {
        slot_cpu_[next_] = cpu;
        next_ = (next_ + 1) % kWindow;
    }
}

CycleTimes CycleTap::cycle_times() const {
    CycleTimes out;
    if (slot_cpu_.empty()) return out;
    std::vector<std::uint32_t> times = slot_cpu_;
    const auto percentile_ms = [&times](double share) {
        const auto last = static_cast<double>(times.size() - 1);
        const auto at = times.begin() + std::lround(share * last);
        std::nth_element(times.begin(), at, times.end());
        return to_ms(Nanos(*at));
    };
    const auto sum = std::accumulate(times.begin(), times.end(), std::uint64_t{0});
    out.avg_ms = static_cast<double>(sum) / static_cast<double>(times.size()) / 1e6;
    out.p95_ms = percentile_ms(0.95);
    out.p99_ms = percentile_ms(0.99);
    out.share = out.avg_ms / std::max(to_ms(Nanos(latest_.interval_ns)), 1e-6);
    return out;
}

}  // namespace wanctl::metrics
