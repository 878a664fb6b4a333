// What runs for months must not grow: the heap in use after many slots and many writes is what it
// was after few.
#include <malloc.h>

#include <boost/asio/io_context.hpp>

#include "autorate/actuate/actuator.hpp"
#include "autorate/control/wan_controller.hpp"
#include "autorate/record_builder.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/actuate/fake_router.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;
using namespace std::chrono_literals;

namespace {

std::size_t heap_in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

}  // namespace

TEST_CASE("a million virtual slots leave the heap as it was") {
    const AutorateConfig config = cable_config();
    WanController controller(config);
    RecordBuilder records(config.interval, 3);
    probe::SlotResult sample;
    actuate::ActuatorView router;
    const std::size_t before = heap_in_use();
    std::int64_t changes = 0;
    for (std::int64_t slot = 0; slot < 1'000'000; ++slot) {
        // Waves of load, each some seconds long.
        const double rtt = 25.0 + static_cast<double>(slot * 7919 % 1000) * 0.1;
        sample.slot = static_cast<std::uint64_t>(slot);
        sample.rtt = from_ms(rtt);
        sample.answered = 7;
        const Decision decision = controller.step({slot, Millis(rtt), {}});
        changes += decision.direction[0].transition ? 1 : 0;
        const SteadyTime now(slot * 50ms);
        (void)records.build({now, WallTime(), {}, 0, sample, decision, router, {}, {}});
    }
    CHECK(changes > 1000);
    CHECK(heap_in_use() == before);
}

TEST_CASE("ten thousand real writes leave the heap as it was after the first thousand") {
    boost::asio::io_context loop;
    const SystemClock clock;
    test::FakeRouter router(loop);
    routeros::RestOptions rest;
    rest.url = router.server.url();
    rest.user = "wanctl";
    const auto link = std::make_shared<routeros::RouterLink>(loop, clock, rest);
    actuate::ActuatorOptions options;
    options.queue = {"WAN-Download", "WAN-Upload"};
    options.policy.ceiling = {940_mbit, 38_mbit};
    options.policy.increase_interval = Nanos(0);
    options.policy.increases_per_minute = 1'000'000;
    options.policy.increase_burst = 1'000'000;
    options.stats_interval = 1s;
    actuate::Actuator actuator(loop, clock, options, link, link);
    actuator.start(clock.steady());
    // Down and up again, each as soon as the one before is confirmed.
    const auto write_until = [&](int writes) {
        return test::run_until(
            loop,
            [&] {
                const SteadyTime now = clock.steady();
                const bool low = actuator.view().direction[0].held == 100_mbit;
                actuator.want(now, Direction::download, low ? 900_mbit : 100_mbit, Zone::green);
                actuator.pump(now);
                (void)actuator.take_writes_ended();
                return router.patches >= writes;
            },
            100s);
    };
    REQUIRE(write_until(1'000));
    router.server.forget_requests();
    const std::size_t before = heap_in_use();
    REQUIRE(write_until(10'000));
    router.server.forget_requests();
    const std::size_t after = heap_in_use();
    // A reply more or less that is on its way.
    constexpr std::size_t kInFlight = 16'384;
    CHECK(after <= before + kInFlight);
}
