#include "common/record/transition_text.hpp"

#include <cstdlib>
#include <string>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"

using namespace wanctl;

namespace {

struct Sentence {
    Nanos delta;
    Nanos threshold;
    std::string delta_digits;
};

// Reads the numbers back as an operator would.
Sentence parsed(const std::string& text) {
    const std::size_t delta_at = std::string("RTT delta ").size();
    const std::size_t threshold_at = text.find("threshold ") + std::string("threshold ").size();
    const std::string digits = text.substr(delta_at, text.find("ms") - delta_at);
    return {from_ms(std::strtod(digits.c_str(), nullptr)),
            from_ms(std::strtod(text.c_str() + threshold_at, nullptr)), digits};
}

}  // namespace

TEST_CASE("each reason has its sentence") {
    const auto text = [](TransitionReason reason, double delta, double threshold) {
        return transition_text(reason, from_ms(delta), from_ms(threshold));
    };
    using enum TransitionReason;
    CHECK(text(exceeded_hard_red, 80.25, 80) ==
          "RTT delta 80.2ms exceeded hard_red threshold 80ms");
    CHECK(text(exceeded_soft_red, 50.3, 45) == "RTT delta 50.3ms exceeded soft_red threshold 45ms");
    CHECK(text(exceeded_green, 15.4, 15) == "RTT delta 15.4ms exceeded green threshold 15ms");
    CHECK(text(exceeded_warn, 61.0, 45.5) == "RTT delta 61.0ms exceeded warn threshold 45.5ms");
    CHECK(text(exceeded_target, 20.0, 15) == "RTT delta 20.0ms exceeded target threshold 15ms");
    CHECK(text(below_green, 3.2, 15) == "RTT delta 3.2ms fell below green threshold 15ms");
    CHECK(text(below_target, -1.5, 15) == "RTT delta -1.5ms fell below target threshold 15ms");
    CHECK(text(at_green, 15, 15) == "RTT delta 15.0ms is at green threshold 15ms");
    CHECK(text(at_target, 15.25, 15.25) == "RTT delta 15.25ms is at target threshold 15.25ms");
    CHECK(text(none, 1, 2).empty());
}

TEST_CASE("the delta gets as many decimals as the sentence needs to be true") {
    CHECK(transition_text(TransitionReason::exceeded_green, Nanos(15'000'400), Nanos(15'000'000)) ==
          "RTT delta 15.0004ms exceeded green threshold 15ms");
    CHECK(transition_text(TransitionReason::below_green, Nanos(14'990'000), Nanos(15'000'000)) ==
          "RTT delta 14.99ms fell below green threshold 15ms");
    CHECK(transition_text(TransitionReason::below_green, Nanos(45'000'005), Nanos(45'000'010)) ==
          "RTT delta 45.000005ms fell below green threshold 45.000010ms");
}

TEST_CASE("what the sentence says is true of the numbers it prints") {
    const bool held = rc::check([] {
        const Nanos threshold(*rc::gen::inRange<std::int64_t>(1, 500'000'000));
        const std::int64_t scale = *rc::gen::element<std::int64_t>(1, 1'000, 1'000'000);
        const Nanos gap(*rc::gen::inRange<std::int64_t>(1, 1'000) * scale);
        const auto above = parsed(
            transition_text(TransitionReason::exceeded_soft_red, threshold + gap, threshold));
        RC_ASSERT(above.delta > above.threshold);
        const auto below =
            parsed(transition_text(TransitionReason::below_green, threshold - gap, threshold));
        RC_ASSERT(below.delta < below.threshold);
        const auto equal =
            parsed(transition_text(TransitionReason::at_green, threshold, threshold));
        RC_ASSERT(equal.delta == equal.threshold);
        for (const Sentence& sentence : {above, below, equal}) {
            RC_ASSERT(sentence.delta_digits.find('.') != std::string::npos);
        }
    });
    CHECK(held);
}
