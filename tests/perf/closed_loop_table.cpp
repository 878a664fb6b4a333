// What each mend of the law does to lines of several kinds, in virtual time: a Markdown table. The
// figures are equal on every run and machine.
#include <fmt/format.h>

#include <chrono>

#include "tests/unit/control/scenarios.hpp"

int main(int argc, char**) {
    using namespace wanctl;
    const auto lines = scenarios(std::chrono::minutes(argc > 1 ? 2 : 5));
    for (const Scenario& scenario : lines) {
        fmt::print(
            "\n| {} | goodput down | up | RTT p99 | over 30 ms | highest baseline | writes a "
            "minute |\n",
            scenario.name);
        fmt::print("|---|---|---|---|---|---|---|\n");
        for (const Variant& variant : variants()) {
            const Outcome outcome = try_law(scenario, variant.mends);
            fmt::print("| {} | {:.1f} % | {:.1f} % | {:.1f} ms | {:.2f} % | {:.1f} ms | {:.1f} |\n",
                       variant.name, 100 * outcome.goodput_download, 100 * outcome.goodput_upload,
                       outcome.rtt_p99_ms, 100 * outcome.above_30_ms, outcome.highest_baseline_ms,
                       outcome.writes_per_minute);
        }
    }
    return 0;
}
