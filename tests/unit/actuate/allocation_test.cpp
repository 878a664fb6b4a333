// In slots without a request to the router the actuator allocates nothing.
#include "autorate/actuate/actuator.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/unit/actuate/fake_router.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

TEST_CASE("a slot with nothing to send allocates nothing") {
    boost::asio::io_context loop;
    SystemClock clock;
    test::FakeRouter router(loop);
    routeros::RestOptions rest;
    rest.url = router.server.url();
    rest.user = "wanctl";
    const auto link = std::make_shared<routeros::RouterLink>(loop, clock, rest);
    ActuatorOptions options;
    options.queue = {"WAN-Download", "WAN-Upload"};
    Actuator actuator(loop, clock, options, link, link);
    actuator.start(clock.steady());
    REQUIRE(test::run_until(loop, [&] {
        const ActuatorView view = actuator.view();
        return view.direction[0].held && view.direction[0].sample;
    }));
    const std::uint64_t before = test::allocations();
    long pending = 0;
    for (int slot = 0; slot < 10'000; ++slot) {
        const SteadyTime now = clock.steady();
        // Small wishes that settle, and raises that a congested zone forbids: nothing goes out.
        actuator.want(now, Direction::download, Rate{800'000'000 + slot % 7}, Zone::green);
        actuator.want(now, Direction::upload, 35_mbit, Zone::red);
        actuator.pump(now);
        pending += actuator.view().direction[1].pending ? 1 : 0;
        pending += actuator.take_writes_ended().count;
    }
    const std::uint64_t made = test::allocations() - before;
    CHECK(made == 0);
    CHECK(pending == 10'000);
    CHECK(router.patches == 0);
}
