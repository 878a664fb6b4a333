#include "common/record/steering_checks.hpp"

#include <functional>
#include <string>

#include "tests/support/catch.hpp"

using namespace wanctl;

namespace {

const SteadyTime kNow{std::chrono::seconds(1000)};

SteeringRecord believable() {
    SteeringRecord record;
    record.mono_ns = 999'990'000'000;
    record.interval_ns = 100'000'000;
    record.wan[0].seen = 12;
    record.wan[0].missed = 2;
    record.score = 100;
    return record;
}

}  // namespace

TEST_CASE("a steering record as a daemon writes it is believable") {
    CHECK(first_fault(believable(), kNow).empty());
}

TEST_CASE("each kind of damage to a steering record is named by its field") {
    struct Damage {
        const char* words;
        std::function<void(SteeringRecord&)> done;
    };
    const Damage all[] = {
        {"mono_ns", [](SteeringRecord& r) { r.mono_ns = 1'001'500'000'000; }},
        {"interval_ns", [](SteeringRecord& r) { r.interval_ns = 0; }},
        {"reason = 25", [](SteeringRecord& r) { r.reason = 25; }},
        {"pri_dl_zone = 4", [](SteeringRecord& r) { r.wan[0].dl_zone = 4; }},
        {"alt_source", [](SteeringRecord& r) { r.wan[1].source = 99; }},
        {"state", [](SteeringRecord& r) { r.state = 2; }},
        {"pri_age_ns", [](SteeringRecord& r) { r.wan[0].age_ns = -1; }},
        {"alt_queue_age_ns", [](SteeringRecord& r) { r.wan[1].queue_age_ns = -1; }},
        {"alt_drops", [](SteeringRecord& r) { r.wan[1].drops = -1; }},
        {"pri_queue_packets", [](SteeringRecord& r) { r.wan[0].queue_packets = -1; }},
        {"pri_missed", [](SteeringRecord& r) { r.wan[0].missed = 13; }},
        {"score = 101", [](SteeringRecord& r) { r.score = 101; }},
        {"last_score = -2", [](SteeringRecord& r) { r.last_score = -2; }},
    };
    for (const Damage& damage : all) {
        SteeringRecord record = believable();
        damage.done(record);
        const std::string fault = first_fault(record, kNow);
        CAPTURE(fault, damage.words);
        CHECK(fault.find(damage.words) != std::string::npos);
    }
}
