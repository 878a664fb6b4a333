// In slots without a request to the router the actuator allocates nothing.
#include <cstdlib>
#include <new>

#include "autorate/actuate/actuator.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/actuate/fake_router.hpp"

namespace {

long g_allocations = 0;

void* counted(std::size_t size) {
    ++g_allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

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
    const long before = g_allocations;
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
    const long allocations = g_allocations - before;
    CHECK(allocations == 0);
    CHECK(pending == 10'000);
    CHECK(router.patches == 0);
}
