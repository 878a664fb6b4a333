// Deciding allocates nothing, whatever the decision.
#include "steering/decision_record.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/unit/steering/decider_drive.hpp"

using namespace wanctl;
using namespace wanctl::steering;

TEST_CASE("ten thousand decisions, with toggles among them, allocate nothing") {
    SteeringConfig config;
    config.confidence.hold_down = std::chrono::seconds(5);
    config.router.url = "https://a-name-that-is-longer-than-a-small-string-holds";
    DeciderDrive drive(config);
    drive.toggles.reserve(1000);
    SteeringRecord record;
    const std::uint64_t before = test::allocations();
    for (int i = 0; i < 10'000; ++i) {
        drive.primary = i / 200 % 2 == 0 ? idle() : congested();
        drive.alternate = i / 900 % 3 == 0 ? silent() : idle();
        tell(drive.slot(), record);
    }
    const std::uint64_t made = test::allocations() - before;
    CHECK(made == 0);
    CHECK(drive.toggles.size() > 10);
    CHECK(record.slot == 0);
}
