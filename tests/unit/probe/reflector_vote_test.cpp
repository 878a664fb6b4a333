#include "autorate/probe/reflector_vote.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::probe;

namespace {

// All of them answer in every slot, in milliseconds; those of `late` after the timeout.
std::optional<double> slot(ReflectorVote& vote, const std::vector<double>& rtt_ms,
                           std::uint16_t late = 0) {
    ReflectorVote::Answers answers;
    answers.late = late;
    answers.now = answers.lately = static_cast<std::uint16_t>((1U << rtt_ms.size()) - 1U);
    for (std::size_t i = 0; i < rtt_ms.size(); ++i) answers.rtt[i] = from_ms(rtt_ms[i]);
    const auto rtt = vote.decide(answers);
    if (!rtt) return std::nullopt;
    return to_ms(*rtt);
}

void slots(ReflectorVote& vote, int count, const std::vector<double>& rtt_ms) {
    for (int i = 0; i < count; ++i) (void)slot(vote, rtt_ms);
}

}  // namespace

TEST_CASE("the median outvotes a minority before anybody is judged") {
    ReflectorVote vote;
    CHECK(slot(vote, {20, 21, 500}) == Approx(21));
    CHECK(slot(vote, {20, 21, 0.1}) == Approx(20));
    CHECK(slot(vote, {20, 22}) == Approx(21));
    CHECK(slot(vote, {30}) == Approx(30));
}

TEST_CASE("answers after the timeout have a voice, but neither accuse nor become usual") {
    ReflectorVote vote;
    slots(vote, 100, {20, 21, 22});
    for (int i = 0; i < 2000; ++i) (void)slot(vote, {2400, 2401, 21}, 0b011);
    CHECK(slot(vote, {2400, 2401, 3}, 0b011) == Approx(2400));
    for (int i = 0; i < 2000; ++i) (void)slot(vote, {2400, 21, 22}, 0b001);
    // Two that differ: without a third nobody knows who is right.
    for (int i = 0; i < 40; ++i) (void)slot(vote, {2400, 21, 300}, 0b001);
    CHECK(vote.liars() == 0);
    slots(vote, 100, {20, 21, 22});
    CHECK(vote.liars() == 0);
    CHECK_FALSE(vote.take_accusation());
}

TEST_CASE("a far reflector is no liar") {
    ReflectorVote vote;
    slots(vote, 1000, {20, 24, 190});
    slots(vote, 1000, {70, 74, 240});
    CHECK(vote.liars() == 0);
    CHECK_FALSE(vote.take_accusation());
}

TEST_CASE("who does not see the load that all others see is too fast, left out and told once") {
    ReflectorVote vote;
    slots(vote, 200, {20, 21, 22, 20});
    slots(vote, 24, {80, 81, 82, 20});
    CHECK(vote.liars() == 0);
    slots(vote, 1, {80, 81, 82, 20});
    CHECK(vote.liars() == 0b1000);
    CHECK(slot(vote, {80, 81, 82, 20}) == Approx(81));  // of three, not of four
    auto accusation = vote.take_accusation();
    REQUIRE(accusation);
    CHECK(accusation->reflector == 3);
    CHECK(accusation->lie == Lie::too_fast);
    CHECK_FALSE(vote.take_accusation());
    // Honest again, and guilty again: that is no news.
    slots(vote, 60, {20, 21, 22, 20});
    CHECK(vote.liars() == 0);
    slots(vote, 60, {80, 81, 82, 20});
    CHECK(vote.liars() == 0b1000);
    CHECK_FALSE(vote.take_accusation());
}

TEST_CASE("who suddenly answers late is too slow, and believed when that is usual") {
    ReflectorVote vote;
    slots(vote, 200, {20, 21, 22});
    slots(vote, 40, {20, 21, 90});
    CHECK(vote.liars() == 0b100);
    CHECK(vote.take_accusation()->lie == Lie::too_slow);
    CHECK(slot(vote, {20, 30, 90}) == Approx(25));
    slots(vote, 20 * 120, {20, 21, 90});
    CHECK(vote.liars() == 0);
}

TEST_CASE("duplicates and answers for others are found without comparing") {
    ReflectorVote vote;
    for (int i = 0; i < 30; ++i) {
        vote.duplicated(1);
        vote.answered_for_another(2);
        (void)slot(vote, {20, 21});
    }
    CHECK(vote.liars() == 0b110);
    CHECK(vote.take_accusation()->lie == Lie::duplicates);
    CHECK(vote.take_accusation()->lie == Lie::answers_for_others);
    // Two answers: nobody knows better, both count.
    CHECK(slot(vote, {20, 30}) == Approx(25));
}

TEST_CASE("where reflectors take turns, they are compared over a turn, and a liar's slot is void") {
    ReflectorVote vote;
    ReflectorVote::Answers answers;
    answers.lately = 0b111;
    int heard_late = 0;
    for (int i = 0; i < 600; ++i) {
        const auto turn = static_cast<std::size_t>(i % 3);
        answers.now = static_cast<std::uint16_t>(1U << turn);
        const bool lie = turn == 1 && i >= 300;
        answers.rtt = {from_ms(20), from_ms(i < 301 ? 20 : 90), from_ms(20)};
        const auto rtt = vote.decide(answers);
        if (lie) heard_late += rtt ? 1 : 0;
    }
    CHECK(vote.liars() == 0b010);
    CHECK(heard_late == 24);
}
