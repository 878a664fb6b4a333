#include "autorate/probe/reflector_scores.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::probe;

namespace {

SteadyTime at(double seconds) {
    return SteadyTime(from_ms(seconds * 1e3));
}

void feed(ReflectorScores& scores, std::uint8_t reflector, int answered, int lost) {
    for (int i = 0; i < answered; ++i) scores.answered(reflector);
    for (int i = 0; i < lost; ++i) scores.lost(reflector);
}

}  // namespace

TEST_CASE("a reflector is demoted below four answers in five, and not before ten results") {
    ReflectorScores scores(3);
    feed(scores, 1, 0, 9);
    CHECK(scores.active() == 0b111);
    feed(scores, 1, 0, 1);
    CHECK(scores.active() == 0b101);
    feed(scores, 2, 40, 10);
    CHECK(scores.active() == 0b101);  // exactly enough
    feed(scores, 2, 0, 1);
    CHECK(scores.active() == 0b001);
}

TEST_CASE("only the last fifty results count") {
    ReflectorScores scores(2);
    feed(scores, 0, 1000, 10);
    CHECK(scores.active() == 0b11);
    CHECK(scores.score(0) == Approx(0.8));
    feed(scores, 0, 0, 1);
    CHECK(scores.active() == 0b10);
}

TEST_CASE("a demoted reflector is asked every half minute and restored by three answers in a row") {
    ReflectorScores scores(3);
    CHECK_FALSE(scores.probe_due(at(0)));
    feed(scores, 1, 0, 10);
    CHECK_FALSE(scores.probe_due(at(1)));
    CHECK_FALSE(scores.probe_due(at(30)));
    CHECK(scores.probe_due(at(31)) == 1);
    CHECK_FALSE(scores.probe_due(at(32)));
    CHECK(scores.probe_due(at(61)) == 1);
    feed(scores, 1, 2, 1);
    feed(scores, 1, 2, 0);
    CHECK(scores.active() == 0b101);
    feed(scores, 1, 1, 0);
    CHECK(scores.active() == 0b111);
    // Its bad past does not count any more.
    feed(scores, 1, 7, 1);
    CHECK(scores.active() == 0b111);
}

TEST_CASE("several demoted reflectors are asked in turn") {
    ReflectorScores scores(4);
    for (const std::uint8_t i : {std::uint8_t{0}, std::uint8_t{2}}) feed(scores, i, 0, 10);
    (void)scores.probe_due(at(0));
    CHECK(scores.probe_due(at(30)) == 0);
    CHECK(scores.probe_due(at(60)) == 2);
    CHECK(scores.probe_due(at(90)) == 0);
}

TEST_CASE("when all are bad the best one stays") {
    ReflectorScores scores(3);
    feed(scores, 0, 0, 10);  // 0
    feed(scores, 1, 7, 3);   // 0.7
    feed(scores, 2, 7, 3);   // 0.7: the last one stays
    CHECK(scores.active() == 0b100);
    feed(scores, 2, 0, 1);  // worse than reflector 1 was
    CHECK(scores.active() == 0b010);
}

TEST_CASE("each change is told once, with the score that made it") {
    ReflectorScores scores(2);
    feed(scores, 1, 5, 5);
    feed(scores, 1, 3, 0);
    auto change = scores.take_change();
    REQUIRE(change);
    CHECK(change->reflector == 1);
    CHECK(change->demoted);
    CHECK(change->score == Approx(0.5));
    change = scores.take_change();
    REQUIRE(change);
    CHECK_FALSE(change->demoted);
    CHECK_FALSE(scores.take_change());
}
