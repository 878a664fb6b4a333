#include "steering/rule/setup_text.hpp"

#include <string>

#include "steering/rule/console_commands.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::steering;

namespace {

SetupNames names() {
    SteeringConfig config;
    config.primary = "cable";
    config.alternate = "dsl";
    config.rule.comment = R"(say "now" for $5)";
    config.router.user = "wanctl";
    config.router.stats_user = "wanctl-stats";
    return setup_names(config);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the set-up names what the configuration names") {
    auto with_gateway = names();
    with_gateway.gateway = "198.51.100.1%ether2";
    const auto text = router_setup_text(with_gateway);
    CHECK(has(text, "/routing/table add name=via-dsl fib\n"));
    CHECK(has(text, "gateway=198.51.100.1%ether2 routing-table=via-dsl"));
    CHECK(has(text, "in-interface=ether2 connection-state=new"));
    CHECK(has(text, R"(disabled=yes comment="say \"now\" for \$5")"));
    CHECK(has(text, "out-interface=ether2 action=masquerade"));
    CHECK(has(text, "name=wanctl-write policy=read,write,api,rest-api\n"));
    CHECK(has(text, "name=wanctl-read policy=read,api,rest-api\n"));
    CHECK_FALSE(has(text, "GATEWAY%PORT gateway="));
}

TEST_CASE("without a gateway the text holds one that the router refuses") {
    CHECK(has(router_setup_text(names()), "gateway=GATEWAY%PORT "));
}

TEST_CASE("one user gets no second group") {
    auto one = names();
    one.stats_user.clear();
    CHECK_FALSE(has(router_setup_text(one), "wanctl-read"));
}

TEST_CASE("the console reads in quotes what was written") {
    CHECK(console_quoted("a b") == "\"a b\"");
    CHECK(console_quoted("\\\"$") == R"("\\\"\$")");
}
