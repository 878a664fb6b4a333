#include "autorate/probe/host_names.hpp"

#include <array>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::probe;

namespace {

constexpr IpAddress kOld{Ipv4Address{0xc6120001}};
constexpr IpAddress kNew{Ipv4Address{0xc6120002}};

SteadyTime at(double seconds) {
    return SteadyTime(from_ms(seconds * 1e3));
}

}  // namespace

TEST_CASE("an unknown name is looked up at once, and again ever more rarely until it is found") {
    HostNames names({{2, "dns.example"}});
    std::vector<double> tries;
    for (double t = 0; t < 300; t += 0.5) {
        const auto* due = names.due(at(t), 0);
        if (due == nullptr) continue;
        CHECK(due->host == 2);
        CHECK(due->text == "dns.example");
        CHECK(names.due(at(t), 0) == nullptr);  // under way
        CHECK_FALSE(names.ended(at(t), 2, {}, {}));
        CHECK(names.unknown(2));
        tries.push_back(t);
    }
    CHECK(tries == std::vector<double>{0, 1, 3, 7, 15, 31, 63, 123, 183, 243});
    REQUIRE(names.due(at(303), 0) != nullptr);
    CHECK(names.ended(at(303), 2, std::array{kNew}, {}) == kNew);
    CHECK_FALSE(names.unknown(2));
    for (double t = 303; t < 4000; t += 10) CHECK(names.due(at(t), 0) == nullptr);
}

TEST_CASE("a known name is looked up again every half minute while its reflector fails") {
    HostNames names({{0, "dns.example"}});
    REQUIRE(names.due(at(0), 0) != nullptr);
    CHECK(names.ended(at(0), 0, std::array{kOld}, {}) == kOld);
    CHECK(names.due(at(100), 0b10) == nullptr);  // another one fails
    REQUIRE(names.due(at(100), 0b01) != nullptr);
    // The name still stands for the address in use: nothing to try.
    CHECK_FALSE(names.ended(at(100), 0, std::array{kNew, kOld}, kOld));
    CHECK(names.due(at(129), 0b01) == nullptr);
    REQUIRE(names.due(at(130), 0b01) != nullptr);
    CHECK(names.ended(at(130), 0, std::array{kNew}, kOld) == kNew);
    // A failed lookup changes nothing.
    REQUIRE(names.due(at(160), 0b01) != nullptr);
    CHECK_FALSE(names.ended(at(160), 0, {}, kOld));
}
