// What each mend of the law does to lines of several kinds, in virtual time: a Markdown table, with
// a row only where the mend changes something. The figures are equal on every run and machine.
#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/unit/control/scenarios.hpp"

namespace {

constexpr auto kLength = std::chrono::minutes(5);
constexpr int kSeeds = 2;

std::string figures(const wanctl::Outcome& outcome) {
    return fmt::format("{:.1f}, {:.1f} | {:.1f} | {:.1f} | {:.0f}", 100 * outcome.goodput_download,
                       100 * outcome.goodput_upload, outcome.rtt_p99_ms, 100 * outcome.above_30_ms,
                       outcome.writes_per_minute);
}

}  // namespace

int main() {
    fmt::print(
        "| line | law | goodput down, up % | RTT p99 ms | over 30 ms of queue, % of the time | "
        "writes a minute |\n|---|---|---|---|---|---|\n");
    for (const wanctl::Scenario& scenario : wanctl::scenarios(kLength, kSeeds)) {
        std::string reference;
        std::string_view line = scenario.name;
        for (const wanctl::Variant& variant : wanctl::variants()) {
            const std::string row = figures(try_law(scenario, variant.mends));
            if (row == reference) continue;
            if (reference.empty()) reference = row;
            fmt::print("| {} | {} | {} |\n", line, variant.name, row);
            line = "";
        }
    }
    return 0;
}
