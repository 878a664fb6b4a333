#include "autorate/probe/send_troubles.hpp"

#include <cerrno>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::probe;

namespace {

SteadyTime at(double seconds) {
    return SteadyTime(from_ms(seconds * 1e3));
}

}  // namespace

TEST_CASE("a refusal is news once for each reflector, and so is its end") {
    SendTroubles troubles;
    CHECK_FALSE(troubles.taken(0, at(0)));
    CHECK(troubles.refused(0, ENETUNREACH, at(1)));
    CHECK(troubles.refused(3, ENETUNREACH, at(1)));
    for (double t = 1.05; t < 60; t += 0.05) CHECK_FALSE(troubles.refused(0, ENETUNREACH, at(t)));
    CHECK_FALSE(troubles.taken(0, at(60)));  // the last refusal is a moment ago
    CHECK(troubles.taken(0, at(61)));
    CHECK_FALSE(troubles.taken(0, at(62)));
    CHECK(troubles.refused(0, ENETUNREACH, at(63)));
}

TEST_CASE("refusals that come and go or change their cause do not fill the log") {
    SendTroubles troubles;
    int told = 0;
    for (int slot = 0; slot < 20 * 60; ++slot) {
        const SteadyTime now = at(slot * 0.05);
        told += static_cast<int>(troubles.refused(0, slot % 2 == 0 ? EPERM : ENOBUFS, now));
        told += static_cast<int>(troubles.taken(0, now));
    }
    CHECK(told >= 2);
    CHECK(told <= 7);
}
