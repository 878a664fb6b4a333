// The law and the write policy against a line, in virtual time: does a full line stay fast?
#include "tests/sim/line/closed_loop.hpp"

#include <algorithm>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/instrumented.hpp"
#include "tests/unit/control/control_fixture.hpp"
#include "tests/unit/control/law_loop.hpp"
#include "tests/unit/control/scenarios.hpp"

using namespace wanctl;

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

AutorateConfig mended(milliseconds interval = milliseconds(50)) {
    AutorateConfig config = home_config(interval);
    config.reference = every_mend();
    return config;
}

sim::ClosedLoopSpec full_line(sim::CapacityTrace capacity, Nanos duration) {
    sim::ClosedLoopSpec spec;
    spec.line.capacity = std::move(capacity);
    spec.line.set_flows(Direction::download, 4);
    spec.line.set_flows(Direction::upload, 2);
    spec.duration = duration;
    return spec;
}

sim::ClosedLoopResult unshaped(const sim::ClosedLoopSpec& spec) {
    return sim::run_closed_loop(spec, [](auto, auto) { return std::nullopt; });
}

std::vector<Outcome> each_run(const Scenario& scenario, const ReferenceConfig& mends) {
    std::vector<Outcome> outcomes;
    for (const auto& run : scenario.runs) {
        outcomes.push_back(try_law({scenario.name, {run}, scenario.baseline}, mends));
    }
    return outcomes;
}

double mean_goodput(const std::vector<Outcome>& runs) {
    double sum = 0;
    for (const Outcome& each : runs) sum += each.goodput_download + each.goodput_upload;
    return sum / static_cast<double>(runs.size());
}

double mean_above(const std::vector<Outcome>& runs) {
    double sum = 0;
    for (const Outcome& each : runs) sum += each.above_30_ms;
    return sum / static_cast<double>(runs.size());
}

// Of one seed with and without the mend: a single deep fade decides the p99 of a whole run, so the
// mean over seeds would be that of the worst of them.
double median_p99_ratio(const std::vector<Outcome>& before, const std::vector<Outcome>& after) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < before.size(); ++i) {
        ratios.push_back(after[i].rtt_p99_ms / before[i].rtt_p99_ms);
    }
    std::ranges::nth_element(ratios,
                             ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2));
    return ratios[ratios.size() / 2];
}

}  // namespace

TEST_CASE("on a line that steps, latency falls to a fifth and most of the goodput stays") {
    const auto spec = full_line(sim::CapacityTrace::generate("demo", 1).value(), minutes(4));
    LawLoop loop(mended());
    const auto shaped = sim::run_closed_loop(spec, std::ref(loop));
    const auto before = unshaped(spec);
    CAPTURE(shaped.rtt_p99_ms, before.rtt_p99_ms, shaped.goodput_download.value,
            shaped.goodput_upload.value, before.goodput_download.value);
    CHECK(shaped.rtt_p99_ms <= before.rtt_p99_ms / 5);
    CHECK(shaped.goodput_download.value >= 0.6 * before.goodput_download.value);
    CHECK(shaped.goodput_upload.value >= 0.6 * before.goodput_upload.value);
    CHECK(loop.raised_while_congested() == 0);
}

TEST_CASE("ten minutes on a steady full line are stable at every interval") {
    const auto capacity = sim::CapacityTrace::constant(50_mbit, 10_mbit);
    for (const int ms : {5, 20, 50, 100, 500}) {
        auto spec = full_line(capacity, minutes(10));
        spec.interval = milliseconds(ms);
        LawLoop loop(mended(milliseconds(ms)));
        const auto shaped = sim::run_closed_loop(spec, std::ref(loop));
        CAPTURE(ms, shaped.rtt_p50_ms, shaped.rtt_p99_ms, shaped.goodput_download.value,
                shaped.goodput_upload.value, loop.writes());
        CHECK(shaped.rtt_p99_ms < 100);
        // Upload and download share one RTT, so each pays for the other's excess.
        CHECK(shaped.goodput_download.value > 0.4);
        CHECK(shaped.goodput_upload.value > 0.4);
        // Decreases are never rationed; increases are: 60 a minute after a burst of 20.
        CHECK(loop.increases() <= 10 * 60 + 20);
        CHECK(loop.raised_while_congested() == 0);
    }
}

TEST_CASE("an idle line is left alone at its ceilings") {
    sim::ClosedLoopSpec spec;
    spec.line.jitter = milliseconds(4);
    spec.duration = minutes(10);
    LawLoop loop(mended());
    CHECK(sim::run_closed_loop(spec, std::ref(loop)).rtt_p99_ms < 30);
    CHECK(loop.writes() == 0);
    CHECK(loop.red_slots() == 0);
}

TEST_CASE("no mend makes any line worse by more than a twentieth, and the queue by a point") {
    // Minutes of arithmetic, which a sanitizer makes many times longer without seeing more in it.
    if (test::kInstrumented) return;
    const int seeds = test::full_run() ? 9 : 3;
    for (const Scenario& scenario : scenarios(minutes(2), seeds)) {
        const auto all = variants();
        const std::vector<Outcome> before = each_run(scenario, all.front().mends);
        for (const Variant& variant : all) {
            const std::vector<Outcome> after = each_run(scenario, variant.mends);
            const double goodput = mean_goodput(after) / mean_goodput(before);
            const double p99 = median_p99_ratio(before, after);
            CAPTURE(scenario.name, variant.name, goodput, p99, mean_above(before),
                    mean_above(after));
            CHECK(goodput >= 0.95);
            // What learns the longer path leaves the floors there, and has a queue again.
            if (scenario.name == "path change" && variant.mends.baseline_escape > Nanos(0)) {
                CHECK(goodput >= 1.05);
                continue;
            }
            // Hampel, which no file gets unasked, sees a deep fade a cycle late.
            CHECK(p99 <= (variant.mends.hampel ? 1.15 : 1.05));
            CHECK(mean_above(after) <= 1.05 * mean_above(before) + 0.01);
        }
    }
}
