#include "tests/unit/control/scenarios.hpp"

#include <algorithm>

#include "tests/unit/control/control_fixture.hpp"
#include "tests/unit/control/law_loop.hpp"

namespace wanctl {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

sim::ClosedLoopSpec line(sim::CapacityTrace capacity, Nanos duration) {
    sim::ClosedLoopSpec spec;
    spec.line.capacity = std::move(capacity);
    spec.line.jitter = milliseconds(2);
    spec.duration = duration;
    spec.bucket_size = Ratio{0.01};
    spec.initial = {60_mbit, 12_mbit};
    return spec;
}

sim::ClosedLoopSpec full_line(sim::CapacityTrace capacity, Nanos duration) {
    sim::ClosedLoopSpec spec = line(std::move(capacity), duration);
    spec.line.set_flows(Direction::download, 4);
    spec.line.set_flows(Direction::upload, 2);
    return spec;
}

Scenario seeded(std::string name, const sim::ClosedLoopSpec& spec, int seeds) {
    Scenario scenario{std::move(name), {}};
    for (int seed = 1; seed <= seeds; ++seed) {
        scenario.runs.push_back(spec);
        scenario.runs.back().line.seed = static_cast<std::uint64_t>(seed);
    }
    return scenario;
}

Scenario generated(std::string name, std::string_view generator, Nanos length, int seeds) {
    Scenario scenario =
        seeded(std::move(name), full_line(sim::CapacityTrace::constant({}, {}), length), seeds);
    for (auto& run : scenario.runs) {
        run.line.capacity = sim::CapacityTrace::generate(generator, run.line.seed).value();
    }
    return scenario;
}

// Two lines a third longer for a while, long enough to be learnt, and back.
Scenario path_change(int seeds) {
    auto spec = full_line(sim::CapacityTrace::constant(50_mbit, 10_mbit), minutes(20));
    const auto path = [&spec](Nanos at, Nanos base_rtt) {
        spec.events.push_back(
            {at, [base_rtt](sim::LineModel& line) { line.set_base_rtt(base_rtt); }});
    };
    path(minutes(2), milliseconds(45));
    path(minutes(14), milliseconds(20));
    return seeded("path change", spec, seeds);
}

// Nobody for ten seconds, then everybody for ten.
Scenario idle_then_burst(Nanos length, int seeds) {
    auto spec = line(sim::CapacityTrace::constant(40_mbit, 8_mbit), length);
    std::size_t flows = 0;
    for (Nanos at{0}; at < length; at += seconds(10)) {
        spec.events.push_back(
            {at, [flows](sim::LineModel& line) { line.set_flows(Direction::download, flows); }});
        flows = flows == 0 ? 4 : 0;
    }
    return seeded("idle then burst", spec, seeds);
}

Scenario upload_bound(Nanos length, int seeds) {
    auto spec = line(sim::CapacityTrace::constant(50_mbit, 6_mbit), length);
    spec.line.set_flows(Direction::upload, 4);
    return seeded("upload bound", spec, seeds);
}

Scenario jitter_only(Nanos length, int seeds) {
    auto spec = full_line(sim::CapacityTrace::constant(80_mbit, 16_mbit), length);
    spec.line.jitter = milliseconds(48);
    Scenario scenario = seeded("jitter only", spec, seeds);
    // What a user measures: the mean.
    scenario.baseline = Millis(44);
    return scenario;
}

// A line that halves, with so little buffer in its modem that a full one is SOFT_RED.
Scenario small_buffer(Nanos length, int seeds) {
    auto spec = line({{{Nanos(0), 50_mbit, 10_mbit}, {seconds(20), 25_mbit, 10_mbit}}, seconds(40)},
                     length);
    spec.line.fifo = milliseconds(45);
    spec.line.set_flows(Direction::download, 4);
    return seeded("small buffer", spec, seeds);
}

}  // namespace

std::vector<Scenario> scenarios(Nanos length, int seeds) {
    return {
        seeded("steady", full_line(sim::CapacityTrace::constant(50_mbit, 10_mbit), length), seeds),
        generated("steps", "steps", length, seeds),
        generated("lte-like", "lte", length, seeds),
        jitter_only(length, seeds),
        path_change(seeds),
        idle_then_burst(length, seeds),
        upload_bound(length, seeds),
        small_buffer(length, seeds),
    };
}

std::vector<Variant> variants() {
    const ReferenceConfig all = every_mend();
    std::vector<Variant> list{{"reference law", {}}};
    const auto alone = [&list](std::string name) -> ReferenceConfig& {
        list.push_back({std::move(name), {}});
        return list.back().mends;
    };
    alone("accel_confirm_s").accel_confirm = all.accel_confirm;
    alone("baseline_escape_s").baseline_escape = all.baseline_escape;
    alone("no_rise_while_congested").no_rise_while_congested = true;
    alone("first_green_by_step").first_green_by_step = true;
    alone("soft_red_decay_s").soft_red_decay = all.soft_red_decay;
    alone("dwell_s").dwell = all.dwell;
    alone("deadband_ms").deadband = all.deadband;
    alone("hampel").hampel = true;
    list.push_back({"all but hampel", all});
    return list;
}

Outcome try_law(const Scenario& scenario, const ReferenceConfig& mends) {
    AutorateConfig config = home_config();
    config.reference = mends;
    config.baseline.initial = scenario.baseline;
    Outcome mean;
    const double weight = 1.0 / static_cast<double>(scenario.runs.size());
    for (const auto& run : scenario.runs) {
        LawLoop loop(config);
        const sim::ClosedLoopResult result = sim::run_closed_loop(run, std::ref(loop));
        mean.goodput_download += weight * result.goodput_download.value;
        mean.goodput_upload += weight * result.goodput_upload.value;
        mean.rtt_p99_ms += weight * result.rtt_p99_ms;
        mean.above_30_ms += weight * result.above_30_ms.value;
        mean.writes_per_minute += weight * loop.writes() * 60.0 / to_seconds(run.duration);
        mean.highest_baseline_ms =
            std::max(mean.highest_baseline_ms, loop.highest_baseline().count());
    }
    return mean;
}

}  // namespace wanctl
