// How often the router's configuration is written, by the law on lines in virtual time.

#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/unit/control/control_fixture.hpp"
#include "tests/unit/control/law_loop.hpp"

using namespace wanctl;

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

// Decreases are not rationed; that many are what the law is allowed to wish for: one slot and
// direction of 20 a second in four.
constexpr double kMostWrites = 36'000;

struct Wear {
    double writes_per_hour = 0;
    double increases_per_hour = 0;
};

Wear wear(const sim::CapacityTrace& capacity, std::size_t flows) {
    sim::ClosedLoopSpec spec;
    spec.line.capacity = capacity;
    spec.line.jitter = milliseconds(2);
    spec.line.set_flows(Direction::download, flows);
    spec.line.set_flows(Direction::upload, flows);
    spec.duration = test::full_run() ? minutes(60) : minutes(5);
    spec.bucket_size = Ratio{0.01};
    spec.initial = {60_mbit, 12_mbit};
    AutorateConfig config = home_config();
    config.reference = every_mend();
    LawLoop law(config);
    static_cast<void>(sim::run_closed_loop(spec, std::ref(law)));
    const double hours = to_seconds(spec.duration + spec.warm_up) / 3600.0;
    return {law.writes() / hours, law.increases() / hours};
}

}  // namespace

TEST_CASE("an idle line costs no write at all") {
    CHECK(wear(sim::CapacityTrace::constant(50_mbit, 10_mbit), 0).writes_per_hour == 0);
}

TEST_CASE("a line that is full all the time costs writes within the bound") {
    const Wear busy = wear(sim::CapacityTrace::constant(50_mbit, 10_mbit), 4);
    WARN("full: " << busy.writes_per_hour << " writes/h, " << busy.increases_per_hour << " up");
    CHECK(busy.increases_per_hour <= 60.0 * 60 + 20 * 12);
    CHECK(busy.writes_per_hour <= kMostWrites);
}

TEST_CASE("a full line whose capacity swings costs writes within the bound") {
    const auto swings = sim::CapacityTrace::generate("steps", 3);
    REQUIRE(swings);
    const Wear swinging = wear(*swings, 4);
    WARN("swinging: " << swinging.writes_per_hour << " writes/h, " << swinging.increases_per_hour
                      << " up");
    CHECK(swinging.increases_per_hour <= 60.0 * 60 + 20 * 12);
    CHECK(swinging.writes_per_hour <= kMostWrites);
}
