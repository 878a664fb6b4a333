#include "tests/sim/rest/connections.hpp"

#include <string>

#include "tests/sim/rest/router_model.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/sim/manual_clock.hpp"

using namespace wanctl;
using namespace wanctl::sim;
using namespace std::chrono_literals;

namespace {

const std::string kRule = RouterModelOptions().rule_comment;

struct Router {
    void steer(bool on) {
        model.connections().advance();
        REQUIRE(model.mangle().set(kRule, "disabled", on ? "no" : "yes"));
    }
    [[nodiscard]] bool says(const std::string& text) {
        return model.connections().to_json().find(text) != std::string::npos;
    }

    ManualClock clock;
    RouterModel model{clock};
    ConnectionKind call{.dscp = 46, .lasting = 2s};
};

}  // namespace

TEST_CASE("connections come at their pace and see the rules of their own time") {
    Router router;
    router.model.connections().offer("calls", router.call, 10);
    router.clock.advance(1s);
    router.steer(true);
    router.clock.advance(1s);
    router.steer(false);
    router.clock.advance(1s);
    INFO(router.model.connections().to_json());
    CHECK(router.says(R"("opened":{"ether1":20,"ether2":10})"));
    // Those of the first second have ended by now.
    CHECK(router.says(R"("standing":{"ether1":10,"ether2":10})"));
    CHECK(router.says(R"("split":0)"));
}

TEST_CASE("a reboot loses what stands, and what is offered goes on") {
    Router router;
    router.model.connections().offer("calls", router.call, 10);
    router.clock.advance(1s);
    router.model.reboot();
    CHECK(router.says(R"("standing":{})"));
    router.clock.advance(1s);
    CHECK(router.says(R"("standing":{"ether1":10})"));
}

TEST_CASE("a default route that is gone sends the next connections by the other WAN") {
    Router router;
    const User user{"wanctl", "", {"read", "write", "api", "rest-api"}};
    RestRequest request{.method = "PATCH",
                        .target = "/rest/interface/*1",
                        .content_type = "application/json",
                        .authorization = {},
                        .body = R"({"disabled":"yes"})",
                        .origin = {},
                        .client = {}};
    REQUIRE(router.model.execute(request, user).status == 200);
    router.model.connections().open("calls", router.call, 3);
    CHECK(router.says(R"("opened":{"ether2":3})"));
}
