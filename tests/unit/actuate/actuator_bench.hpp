// An actuator on two links before a router that a test can put into any state.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "autorate/actuate/actuator.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/actuate/fake_router.hpp"

namespace wanctl::test {

inline actuate::ActuatorOptions options() {
    actuate::ActuatorOptions options;
    options.queue = {"WAN-Download", "WAN-Upload"};
    options.policy.ceiling = {940_mbit, 38_mbit};
    options.policy.increase_interval = Nanos(0);
    options.stats_interval = std::chrono::milliseconds(50);
    return options;
}

// An actuator with a link for writes and one for statistics, as with a second user.
struct Bench {
    boost::asio::io_context loop;
    SystemClock clock;
    FakeRouter router{loop};
    std::shared_ptr<routeros::RouterLink> link = make_link("wanctl");
    std::shared_ptr<routeros::RouterLink> stats = make_link("wanctl-stats");
    std::vector<std::pair<RouterState, std::string>> changes;
    std::vector<Notice> notices;
    actuate::Actuator actuator;

    explicit Bench(const actuate::ActuatorOptions& with = options(), bool shared = false)
        : actuator(loop, clock, with, link, shared ? link : stats) {
        actuator.on_state_change([this](RouterState state, const std::string& message) {
            changes.emplace_back(state, message);
        });
        actuator.on_notice([this](const Notice& notice) { notices.push_back(notice); });
    }
    std::shared_ptr<routeros::RouterLink> make_link(const char* user) {
        routeros::RestOptions rest;
        rest.url = router.server.url();
        rest.user = user;
        return std::make_shared<routeros::RouterLink>(loop, clock, rest);
    }
    void start() {
        actuator.start(clock.steady());
        REQUIRE(until([this] { return held(Direction::download) && held(Direction::upload); }));
    }
    std::optional<Rate> held(Direction d) const {
        return actuator.view().direction[static_cast<std::size_t>(d)].held;
    }
    void want(Direction d, Rate rate, Zone zone) {
        actuator.want(clock.steady(), d, rate, zone);
        actuator.pump(clock.steady());
    }
    bool until(const std::function<bool()>& condition) {
        return run_until(loop, [&] {
            actuator.pump(clock.steady());
            return condition();
        });
    }
    // Lets `polls` more readings arrive.
    void pass_polls(int polls) {
        const int goal = router.polls + polls;
        REQUIRE(until([&] { return router.polls >= goal; }));
    }
};

}  // namespace wanctl::test
