#include "common/record/cycle_checks.hpp"

#include <functional>
#include <string>

#include "tests/support/catch.hpp"

using namespace wanctl;

namespace {

const SteadyTime kNow{std::chrono::seconds(1000)};

CycleRecord believable() {
    CycleRecord record;
    record.mono_ns = 999'990'000'000;
    record.interval_ns = 50'000'000;
    record.reflectors = 3;
    record.reflector_active = 0b111;
    record.reflector_answered = 0b101;
    record.rtt_us = 21'000;
    return record;
}

}  // namespace

TEST_CASE("a record as a daemon writes it is believable") {
    CHECK(first_fault(believable(), kNow).empty());
}

TEST_CASE("each kind of damage is named by its field") {
    struct Damage {
        const char* words;
        std::function<void(CycleRecord&)> done;
    };
    const Damage all[] = {
        {"mono_ns", [](CycleRecord& r) { r.mono_ns = 1'001'500'000'000; }},
        {"mono_ns", [](CycleRecord& r) { r.mono_ns = -1; }},
        {"interval_ns", [](CycleRecord& r) { r.interval_ns = 0; }},
        {"fresh", [](CycleRecord& r) { r.fresh = 2; }},
        {"rtt_us", [](CycleRecord& r) { r.rtt_us = -3; }},
        {"sample_age_ns", [](CycleRecord& r) { r.sample_age_ns = -3; }},
        {"RTT average", [](CycleRecord& r) { r.delta_ns = kUnknownNs; }},
        {"dl_zone", [](CycleRecord& r) { r.direction[0].zone = 4; }},
        {"ul_transition_reason", [](CycleRecord& r) { r.direction[1].transition_reason = 99; }},
        {"router_state", [](CycleRecord& r) { r.router_state = 200; }},
        {"measurement", [](CycleRecord& r) { r.measurement = 4; }},
        {"write_direction", [](CycleRecord& r) { r.write_direction = 2; }},
        {"reflectors = 17", [](CycleRecord& r) { r.reflectors = 17; }},
        {"reflector bits", [](CycleRecord& r) { r.reflector_active = 0b1000; }},
        {"reflector_rtt_us[4]", [](CycleRecord& r) { r.reflector_rtt_us[4] = -9; }},
        {"dl_wanted_bps", [](CycleRecord& r) { r.direction[0].wanted_bps = -1; }},
        {"ul_held_bps", [](CycleRecord& r) { r.direction[1].held_bps = kBelievableBps + 1; }},
        {"ul_achieved_bps", [](CycleRecord& r) { r.direction[1].achieved_bps = -2; }},
        {"dl_delay_us", [](CycleRecord& r) { r.direction[0].delay_us = -7; }},
    };
    for (const Damage& damage : all) {
        CycleRecord record = believable();
        damage.done(record);
        const std::string fault = first_fault(record, kNow);
        CAPTURE(fault, damage.words);
        CHECK(fault.find(damage.words) != std::string::npos);
    }
}
