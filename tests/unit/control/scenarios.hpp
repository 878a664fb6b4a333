// Lines that try the law in virtual time, and the law with and without each of its mends: the
// source of the closed-loop table and of the test that no mend spoils another scenario.
#pragma once

#include <string>
#include <vector>

#include "common/config/autorate_config.hpp"
#include "tests/sim/line/closed_loop.hpp"

namespace wanctl {

// Capacities and users are made here from seeds; equal figures on every run and machine.
struct Scenario {
    std::string name;
    std::vector<sim::ClosedLoopSpec> runs;  // equal but for their seed
    Millis baseline{20};                    // as it is configured
};

// Each with a run of `length` for each seed from 1; the path change takes the time it needs.
[[nodiscard]] std::vector<Scenario> scenarios(Nanos length, int seeds);

struct Variant {
    std::string name;
    ReferenceConfig mends;
};

// The reference law, then each mend alone, then all of them as a file gets that names none.
[[nodiscard]] std::vector<Variant> variants();

// Means over the runs of a scenario.
struct Outcome {
    double goodput_download = 0;  // share of what the line could carry
    double goodput_upload = 0;
    double rtt_p99_ms = 0;
    double above_30_ms = 0;          // share of the time
    double highest_baseline_ms = 0;  // in any run
    double writes_per_minute = 0;
};

[[nodiscard]] Outcome try_law(const Scenario& scenario, const ReferenceConfig& mends);

}  // namespace wanctl
