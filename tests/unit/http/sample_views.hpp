// A WAN and a steering daemon as the pages see them, for tests of what they say.
#pragma once

#include <string>
#include <vector>

#include <rapidjson/document.h>

#include "common/http/request.hpp"
#include "common/metrics/views.hpp"
#include "tests/support/catch.hpp"

namespace wanctl::test {

inline CycleRecord good_cycle() {
    CycleRecord record;
    record.mono_ns = 100'000'000'000;
    record.real_ns = 1'795'242'053'250'000'000;  // 2026-11-21T06:20:53.250Z
    record.slot = 7;
    record.missed_slots = 2;
    record.interval_ns = 50'000'000;
    record.lateness_ns = 30'000;
    record.measurement = static_cast<std::uint8_t>(MeasurementState::fresh);
    record.reflectors = 3;
    record.fresh = 1;
    record.sample_age_ns = 20'000'000;
    record.load_ns = 35'500'000;
    record.baseline_ns = 25'000'000;
    record.delta_ns = 10'500'000;
    record.rtt_us = 36'250;
    record.reflector_active = 7;
    record.reflector_answered = 5;
    record.reflector_rtt_us[0] = 36'000;
    record.direction[0].wanted_bps = 850'000'000;
    record.direction[0].held_bps = 840'000'000;
    record.direction[0].zone = static_cast<std::uint8_t>(Zone::red);
    record.direction[1].wanted_bps = 35'000'000;
    record.direction[1].zone = static_cast<std::uint8_t>(Zone::green);
    record.router_state = static_cast<std::uint8_t>(RouterState::ok);
    record.stage_ns[static_cast<std::size_t>(Stage::decide)] = 2'000;
    record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)] = 100'000;
    return record;
}

// Each counter's value is its index plus 1000.
inline std::uint64_t sample_counter(std::size_t index) {
    return index + 1000;
}

struct SampleWan {
    std::vector<std::string> reflectors{"192.0.2.1", "dns.\"example\"", "2001:db8::1"};
    metrics::CycleTap tap;
    std::vector<metrics::WanView> views;

    explicit SampleWan(const std::string& name = "cable") {
        views.push_back({name, &reflectors, &tap, sample_counter});
    }
};

inline metrics::ProcessView sample_process() {
    return {SteadyTime(std::chrono::seconds(40)), SteadyTime(std::chrono::milliseconds(100'500)),
            WallTime(std::chrono::seconds(1'795'242'054))};
}

inline rapidjson::Document json_of(const http::Answer& answer) {
    rapidjson::Document document;
    document.Parse(answer.body.c_str());
    INFO(answer.body);
    REQUIRE(document.IsObject());
    CHECK(answer.body.back() == '\n');
    return document;
}

}  // namespace wanctl::test
