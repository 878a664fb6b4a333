#include "common/history/record_rows.hpp"

#include "common/history/event_text.hpp"
#include "common/record/states.hpp"
#include "common/record/steering_states.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::history;

namespace {

CycleRecord slot(std::uint64_t number) {
    CycleRecord record;
    record.slot = number;
    record.real_ns = 1'772'323'200'123'456'789 + static_cast<std::int64_t>(number) * 50'000'000;
    record.interval_ns = 50'000'000;
    record.fresh = 1;
    record.rtt_us = 25'500;
    record.baseline_ns = 22'000'999;
    record.delta_ns = -1'500'000;
    record.direction[0].wanted_bps = 40'000'000;
    record.direction[1].wanted_bps = 9'000'000;
    record.direction[1].zone = static_cast<std::uint8_t>(Zone::red);
    record.router_state = static_cast<std::uint8_t>(RouterState::ok);
    return record;
}

}  // namespace

TEST_CASE("a slot becomes a row with its time, numbers and zones") {
    CycleRows rows;
    Batch batch;
    rows.add(slot(7), batch);
    REQUIRE(batch.rows.size() == 1);
    const Row& row = batch.rows[0];
    CHECK(row.at_ms == 1'772'323'200'473);
    CHECK(row.slot == 7);
    CHECK(row.span_us == 50'000);
    CHECK(row.value[0] == 25'500);
    CHECK(row.value[1] == 22'000);
    CHECK(row.value[2] == -1'500);
    CHECK(row.value[3] == 40'000'000);
    CHECK(row.value[4] == 9'000'000);
    CHECK(row.zone[0] == 0);
    CHECK(row.zone[1] == 3);
    CHECK(batch.transitions.empty());
    CHECK(batch.events.empty());

    CycleRecord last = slot(7);
    last.flags = kFlagStopping;
    rows.add(last, batch);
    CHECK(batch.rows.size() == 1);
}

TEST_CASE("a slot without a sample has no RTT and no delta") {
    CycleRows rows;
    Batch batch;
    CycleRecord record = slot(1);
    record.fresh = 0;
    rows.add(record, batch);
    CHECK_FALSE(batch.rows[0].value[0].has_value());
    CHECK_FALSE(batch.rows[0].value[2].has_value());
    CHECK(batch.rows[0].value[1] == 22'000);
}

TEST_CASE("a change of zone is a transition with its reason, both directions") {
    CycleRows rows;
    Batch batch;
    CycleRecord record = slot(3);
    record.flags = kFlagDownloadChanged | kFlagUploadChanged;
    record.direction[0].zone = static_cast<std::uint8_t>(Zone::yellow);
    record.direction[0].transition_reason =
        static_cast<std::uint8_t>(TransitionReason::exceeded_target);
    record.direction[0].transition_delta_ns = 20'500'000;
    record.direction[0].transition_threshold_ns = 15'000'000;
    record.direction[1].transition_from = static_cast<std::uint8_t>(Zone::soft_red);
    rows.add(record, batch);
    REQUIRE(batch.transitions.size() == 2);
    const Transition& down = batch.transitions[0];
    CHECK(down.at_ms == batch.rows[0].at_ms);
    CHECK(down.slot == 3);
    CHECK(down.direction == 0);
    CHECK(down.zone_from == 0);
    CHECK(down.zone_to == 1);
    CHECK(down.delta_us == 20'500);
    CHECK(down.threshold_us == 15'000);
    CHECK(down.reason == "RTT delta 20.5ms exceeded target threshold 15ms");
    CHECK(batch.transitions[1].direction == 1);
    CHECK(batch.transitions[1].zone_from == 2);
    CHECK(batch.transitions[1].zone_to == 3);
}

TEST_CASE("a router that goes and comes back is two events, however long it is away") {
    CycleRows rows;
    Batch batch;
    const auto in = [&](RouterState state) {
        CycleRecord record = slot(batch.rows.size());
        record.router_state = static_cast<std::uint8_t>(state);
        rows.add(record, batch);
    };
    for (const RouterState state :
         {RouterState::unknown, RouterState::ok, RouterState::late, RouterState::unreachable,
          RouterState::unreachable, RouterState::unauthorized, RouterState::unknown,
          RouterState::ok, RouterState::ok})
        in(state);
    REQUIRE(batch.events.size() == 2);
    CHECK(batch.events[0].kind == "router_lost");
    CHECK(batch.events[0].detail == R"({"state":"unreachable"})");
    CHECK(batch.events[0].at_ms == batch.rows[3].at_ms);
    CHECK(batch.events[0].n == 3);
    CHECK(batch.events[1].kind == "router_found");
    CHECK(batch.events[1].at_ms == batch.rows[7].at_ms);

    // One that was never there is lost from the first.
    CycleRows other;
    batch.clear();
    CycleRecord record = slot(0);
    record.router_state = static_cast<std::uint8_t>(RouterState::queue_missing);
    other.add(record, batch);
    REQUIRE(batch.events.size() == 1);
    CHECK(batch.events[0].kind == "router_lost");
}

TEST_CASE("decisions stand for the time since the one before, and toggles are told") {
    SteeringRows rows;
    Batch batch;
    SteeringRecord record;
    record.real_ns = 1'772'323'200'000'000'000;
    record.mono_ns = 5'000'000'000;
    record.slot = 1;
    rows.add(record, batch);
    record.mono_ns += 70'000'000;
    record.slot = 2;
    record.score = 85;
    record.wan[0].delta_us = 61'000;
    record.assessment = static_cast<std::uint8_t>(Assessment::soft_red);
    record.state = static_cast<std::uint8_t>(SteeringState::degraded);
    record.action = static_cast<std::uint8_t>(SteeringAction::enable);
    record.reason = static_cast<std::uint8_t>(SteeringReason::congested);
    rows.add(record, batch);
    // The same decision, told once more.
    rows.add(record, batch);
    record.mono_ns += 3'600'000'000'000;
    record.action = static_cast<std::uint8_t>(SteeringAction::none);
    rows.add(record, batch);
    REQUIRE(batch.rows.size() == 3);
    CHECK(batch.rows[0].span_us == 0);
    CHECK_FALSE(batch.rows[0].value[0].has_value());
    CHECK_FALSE(batch.rows[0].value[1].has_value());
    CHECK_FALSE(batch.rows[0].zone[1].has_value());
    CHECK(batch.rows[1].span_us == 70'000);
    CHECK(batch.rows[1].value[0] == 61'000);
    CHECK(batch.rows[1].value[1] == 85);
    CHECK(batch.rows[1].zone[0] == 1);
    CHECK(batch.rows[1].zone[1] == 2);
    CHECK(batch.rows[2].span_us == 1'000'000);
    REQUIRE(batch.transitions.size() == 1);
    CHECK(batch.transitions[0].slot == 2);
    CHECK(batch.transitions[0].zone_to == 1);
    CHECK_FALSE(batch.transitions[0].reason.empty());
    REQUIRE(batch.events.size() == 1);
    CHECK(batch.events[0].kind == "steering_on");
    CHECK(batch.events[0].detail.find(R"("cause":"congested")") != std::string::npos);
}

TEST_CASE("a start tells every setting but secrets, a reload what has changed as well") {
    const std::vector<Setting> settings{{"wan", "\"cable\"", false},
                                        {"router.password_file", "\"/etc/hunter2\"", true}};
    const std::string config =
        R"json("config":{"wan":"\"cable\"","router.password_file":"(secret)"}})json";
    const Event start = start_event(5, "1.2.3", settings);
    CHECK(start.kind == "start");
    CHECK(start.detail == R"({"version":"1.2.3",)" + config);
    const std::vector<SettingChange> changes{{"log.level", "\"info\"", "\"debug\""},
                                             {"router.password_file", "", ""}};
    const std::string changed =
        R"json({"changed":{"log.level":"\"debug\"","router.password_file":"(secret)"},)json";
    CHECK(reload_event(6, changes, settings).detail == changed + config);
    CHECK(stop_event(7, "keep").detail == R"({"on_exit":"keep"})");
}
