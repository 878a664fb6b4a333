#include "autorate/probe/reflector_set.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::probe;

TEST_CASE("numeric addresses become reflectors in their order") {
    const auto set = parse_reflectors({"198.18.0.1", "198.18.0.255"});
    REQUIRE(set);
    CHECK(set->count == 2);
    CHECK(set->address[0] == Ipv4Address{0xc6120001});
    CHECK(to_string(*set->address[1]) == "198.18.0.255");
}

TEST_CASE("a reflector that cannot be asked is an error that names the value") {
    for (const char* bad : {"dns,example", "198.18.0", "198.18.0.256", "0x7f.0.0.1",
                            "::", "::ffff:198.18.0.2", "fe80::1", "ff02::1", "2001:db8::g",
                            "[2001:db8::1]", "", "0.0.0.0", "224.0.0.1", "255.255.255.255"}) {
        const auto set = parse_reflectors({"198.18.0.1", bad});
        INFO(bad);
        REQUIRE_FALSE(set);
        CHECK(set.error().kind == ErrorKind::invalid_input);
        CHECK_THAT(set.error().message, Catch::Contains(bad));
        CHECK_THAT(set.error().message, Catch::Contains("probe.reflectors"));
    }
}

TEST_CASE("a name is a reflector whose address is not known yet") {
    const auto set = parse_reflectors({"198.18.0.1", "dns.example"});
    REQUIRE(set);
    CHECK(set->address[0]);
    CHECK_FALSE(set->address[1]);
    CHECK_FALSE(parse_reflectors({"dns.example", "dns.example"}));
}

TEST_CASE("no reflector, too many of them, or one named twice is an error") {
    CHECK_FALSE(parse_reflectors({}));
    CHECK_FALSE(parse_reflectors({"198.18.0.1", "198.18.0.1"}));
    std::vector<std::string> many;
    for (int i = 1; i <= kMaxReflectors; ++i) many.push_back("198.18.0." + std::to_string(i));
    CHECK(parse_reflectors(many));
    many.emplace_back("198.18.1.1");
    CHECK_FALSE(parse_reflectors(many));
}

TEST_CASE("IPv6 addresses stand among IPv4 ones, and one in two spellings is named twice") {
    const auto set = parse_reflectors({"198.18.0.1", "2001:DB8:0::1", "::1"});
    REQUIRE(set);
    CHECK(set->address[0]->family() == IpFamily::v4);
    CHECK(set->address[1]->family() == IpFamily::v6);
    CHECK(to_string(*set->address[1]) == "2001:db8::1");
    CHECK(set->address[2] == IpAddress(0, 1));
    CHECK_FALSE(parse_reflectors({"2001:db8::1", "2001:db8:0:0::1"}));
}
