// What each mend of the law does to lines of several kinds, in virtual time: a Markdown table. The
// figures are equal on every run and machine.
#include <chrono>

#include <fmt/format.h>

#include "tests/unit/control/scenarios.hpp"

namespace {

constexpr auto kLength = std::chrono::minutes(5);
constexpr int kSeeds = 2;

void print(const wanctl::Variant& variant, const wanctl::Outcome& outcome) {
    fmt::print("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | {:.0f} |\n", variant.name,
               100 * outcome.goodput_download, 100 * outcome.goodput_upload, outcome.rtt_p99_ms,
               100 * outcome.above_30_ms, outcome.highest_baseline_ms, outcome.writes_per_minute);
}

}  // namespace

int main() {
    for (const wanctl::Scenario& scenario : wanctl::scenarios(kLength, kSeeds)) {
        fmt::print(
            "\n| {} | goodput down, % | up, % | RTT p99, ms | over 30 ms of queue, % of the "
            "time | highest baseline, ms | writes a minute |\n|---|---|---|---|---|---|---|\n",
            scenario.name);
        for (const wanctl::Variant& variant : wanctl::variants()) {
            print(variant, try_law(scenario, variant.mends));
        }
    }
    return 0;
}
