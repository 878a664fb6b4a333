#include "common/record/steering_reason_text.hpp"

#include <string>

#include "common/record/steering_names.hpp"
#include "common/record/steering_states.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;

namespace {

SteeringRecord congestion(SteeringReason code) {
    SteeringRecord record;
    record.reason = static_cast<std::uint8_t>(code);
    record.held_ns = 2'000'000'000;
    record.limit_ns = 2'000'000'000;
    record.score = 85;
    record.steer_threshold = 55;
    record.recover_threshold = 20;
    record.wan[0].delta_us = 100'000;
    record.wan[0].drops = 3;
    record.wan[0].queue_packets = 60;
    record.contributors = 0b1110001;
    record.congestion = static_cast<std::uint8_t>(CongestedDirection::download);
    record.assessment = static_cast<std::uint8_t>(Assessment::red);
    return record;
}

}  // namespace

TEST_CASE("the reason of a toggle names the score, its parts and the figures behind them") {
    CHECK(steering_reason_text(congestion(SteeringReason::congested)) ==
          "score 85 reached 55 for 2.0 s: RED, rtt_high, drops_rising, queue_high "
          "(delta 100.0 ms, 3 drops, 60 packets waiting; download only)");
    SteeringRecord upload = congestion(SteeringReason::congested);
    upload.congestion = static_cast<std::uint8_t>(CongestedDirection::upload);
    CHECK(steering_reason_text(upload).find("upload only") != std::string::npos);
    upload.congestion = static_cast<std::uint8_t>(CongestedDirection::both);
    CHECK(steering_reason_text(upload).find("both directions") != std::string::npos);
}

TEST_CASE("under the three-state policy the assessment stands where the score would") {
    SteeringRecord record = congestion(SteeringReason::red_sustained);
    record.score = kUnknownScore;
    record.contributors = 0;
    record.held_ns = 100'000'000;
    CHECK(steering_reason_text(record) ==
          "RED for 0.10 s: delta 100.0 ms, 3 drops, 60 packets waiting; download only");
}

TEST_CASE("figures that are not known are left out, not invented") {
    SteeringRecord record = congestion(SteeringReason::sustaining);
    record.held_ns = 1'250'000'000;
    record.wan[0].drops = kUnknownCount;
    record.wan[0].queue_packets = kUnknownCount;
    record.contributors = 0b1000;
    record.congestion = 0;
    CHECK(steering_reason_text(record) ==
          "score 85 reached 55 for 1.2 s of 2.0 s: rtt_severe (delta 100.0 ms)");
}

TEST_CASE("an alternate that is worse is compared in the sentence") {
    SteeringRecord record = congestion(SteeringReason::alt_worse);
    record.wan[1].delta_us = 240'500;
    record.held_ns = 3'000'000'000;
    CHECK(steering_reason_text(record) ==
          "the alternate's delta 240.5 ms against 100.0 ms of the primary for 3.0 s");
    record.wan[1].usable = static_cast<std::uint8_t>(Usability::red);
    CHECK(steering_reason_text(record) == "the alternate is RED for 3.0 s");
    record.wan[1].usable = static_cast<std::uint8_t>(Usability::blackout);
    CHECK(steering_reason_text(record) == "nothing answers on the alternate for 3.0 s");
}

TEST_CASE("every reason has a sentence of its own, and none has none") {
    for (std::size_t code = 0; code < names::kWhyWords.size(); ++code) {
        const auto reason = static_cast<SteeringReason>(code);
        const std::string text = steering_reason_text(congestion(reason));
        CAPTURE(name(reason), text);
        CHECK(text.empty() == (reason == SteeringReason::none));
    }
    CHECK(steering_reason_text(congestion(static_cast<SteeringReason>(200))).empty());
}
