// What the pages say of records, and with which status.
#include <algorithm>

#include "common/http/health.hpp"
#include "common/http/pages.hpp"
#include "common/http/status.hpp"
#include "common/http/token.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/steering_states.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/unit/http/sample_views.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

SteeringRecord good_decision() {
    SteeringRecord record;
    record.mono_ns = 100'000'000'000;
    record.real_ns = 1'795'242'053'250'000'000;
    record.router_state = static_cast<std::uint8_t>(RouterState::ok);
    record.state = static_cast<std::uint8_t>(SteeringState::degraded);
    record.assessment = static_cast<std::uint8_t>(Assessment::red);
    record.flags = kSteeringDryRun;
    record.score = 75;
    record.steer_threshold = 55;
    record.recover_threshold = 20;
    record.last_at_ns = 97'000'000'000;
    record.rule_read = static_cast<std::uint8_t>(RuleState::enabled);
    record.wan[0].source = static_cast<std::uint8_t>(SourceState::live);
    record.wan[0].age_ns = 1'500'000;
    return record;
}

metrics::SteeringView view_of(const metrics::SteeringTap& tap) {
    return {"cable", "dsl", &tap, sample_counter};
}

}  // namespace

TEST_CASE("health is 503 before the first record, then 200 with what the record says") {
    SampleWan wan;
    const http::Answer before = http::autorate_health(sample_process(), wan.views);
    CHECK(before.status == 503);
    CHECK(std::string(json_of(before)["status"].GetString()) == "starting");

    wan.tap.observe(good_cycle(), 0);
    const http::Answer after = http::autorate_health(sample_process(), wan.views);
    CHECK(after.status == 200);
    CHECK(after.type == "application/json");
    const auto json = json_of(after);
    CHECK(std::string(json["status"].GetString()) == "healthy");
    CHECK(json["uptime_seconds"].GetDouble() == 60.5);
    CHECK(json["wan_count"].GetInt() == 1);
    CHECK(json["router_reachable"].GetBool());
    const auto& told = json["wans"][0];
    CHECK(std::string(told["name"].GetString()) == "cable");
    CHECK(told["baseline_rtt_ms"].GetDouble() == 25.0);
    CHECK(told["load_rtt_ms"].GetDouble() == 35.5);
    CHECK(told["measurement"]["raw_rtt_ms"].GetDouble() == 36.25);
    CHECK(told["measurement"]["successful_reflector_hosts"].GetInt() == 2);
    // The zone itself, not one derived from streaks.
    CHECK(std::string(told["download"]["state"].GetString()) == "RED");
    CHECK(told["download"]["state_code"].GetInt() == 3);
    CHECK(told["download"]["current_rate_mbps"].GetDouble() == 850.0);
    CHECK(told["download"]["router_rate_mbps"].GetDouble() == 840.0);
    CHECK(told["upload"]["router_rate_mbps"].IsNull());
    CHECK(told["cycle_budget"]["cycle_time_ms"]["p99"].GetDouble() == 0.1);
    CHECK(told["cycle_budget"]["utilization_pct"].GetDouble() == 0.2);
    CHECK(told["cycle_budget"]["overrun_count"].GetInt() == 2);
    CHECK(told["router_connectivity"]["outage_duration_seconds"].IsNull());
}

TEST_CASE("three slots of blackout in a row are ill, two are not") {
    SampleWan wan;
    CycleRecord record = good_cycle();
    record.measurement = static_cast<std::uint8_t>(MeasurementState::blackout);
    record.rtt_us = kUnknownUs;
    for (int slot = 1; slot <= 4; ++slot) {
        wan.tap.observe(record, 0);
        const http::Answer answer = http::autorate_health(sample_process(), wan.views);
        INFO(slot);
        CHECK(answer.status == (slot < 3 ? 200U : 503U));
        CHECK(json_of(answer)["consecutive_failures"].GetInt() == slot);
        CHECK(json_of(answer)["wans"][0]["measurement"]["raw_rtt_ms"].IsNull());
    }
    CHECK(http::condition(wan.views[0]) == "blackout");
    wan.tap.observe(good_cycle(), 0);
    CHECK(http::autorate_health(sample_process(), wan.views).status == 200);
}

TEST_CASE("a router that is neither ok nor late is ill, and its outage is told") {
    for (int state = 0; state <= static_cast<int>(RouterState::late); ++state) {
        SampleWan wan;
        wan.tap.observe(good_cycle(), 5);
        CycleRecord record = good_cycle();
        record.router_state = static_cast<std::uint8_t>(state);
        record.mono_ns += 1'000'000'000;
        wan.tap.observe(record, 6);
        record.mono_ns += 2'500'000'000;
        wan.tap.observe(record, 8);
        const auto as = static_cast<RouterState>(state);
        const bool well = as == RouterState::ok || as == RouterState::late;
        INFO(name(as));
        const http::Answer answer = http::autorate_health(sample_process(), wan.views);
        CHECK(answer.status == (well ? 200U : 503U));
        const auto json = json_of(answer);
        const auto& router = json["wans"][0]["router_connectivity"];
        CHECK(router["is_reachable"].GetBool() == well);
        CHECK(json["router_reachable"].GetBool() == well);
        if (as == RouterState::ok) {
            CHECK(router["consecutive_failures"].GetInt() == 0);
            continue;
        }
        CHECK(router["consecutive_failures"].GetInt() == 3);
        if (well || as == RouterState::unknown) continue;
        CHECK(router["outage_duration_seconds"].GetDouble() == 2.5);
        CHECK(router["last_failure_type"].GetString() == name(as));
        CHECK(std::string(router["last_failure_time"].GetString()) == "2026-11-21T06:20:53.250Z");
    }
}

TEST_CASE("one ill WAN of two makes the process ill, and says which") {
    SampleWan good("cable");
    SampleWan bad("dsl");
    good.tap.observe(good_cycle(), 0);
    CycleRecord record = good_cycle();
    record.router_state = static_cast<std::uint8_t>(RouterState::unauthorized);
    bad.tap.observe(record, 1);
    const std::vector<metrics::WanView> views{good.views[0], bad.views[0]};
    const http::Answer answer = http::autorate_health(sample_process(), views);
    CHECK(answer.status == 503);
    const auto json = json_of(answer);
    CHECK(std::string(json["status"].GetString()) == "degraded");
    CHECK(std::string(json["wans"][0]["condition"].GetString()) == "ok");
    CHECK(std::string(json["wans"][1]["condition"].GetString()) == "router unauthorized");
}

TEST_CASE("steering's health tells state, decision and lines") {
    metrics::SteeringTap tap;
    CHECK(http::steering_health(sample_process(), view_of(tap)).status == 503);
    tap.observe(good_decision(), 0);
    const http::Answer answer = http::steering_health(sample_process(), view_of(tap));
    CHECK(answer.status == 200);
    const auto json = json_of(answer);
    CHECK(json["steering"]["enabled"].GetBool());
    CHECK(std::string(json["steering"]["mode"].GetString()) == "dry_run");
    CHECK(json["congestion"]["primary"]["state_code"].GetDouble() == 3);
    CHECK(json["confidence"]["primary"].GetDouble() == 75);
    CHECK(std::string(json["decision"]["last_transition_time"].GetString()) ==
          "2026-11-21T06:20:50.250Z");
    CHECK(json["decision"]["time_in_state_seconds"].GetDouble() == 3.5);
    CHECK(std::string(json["lines"][0]["name"].GetString()) == "cable");
    CHECK(json["lines"][0]["age_seconds"].GetDouble() == 0.002);
    CHECK(json["lines"][1]["age_seconds"].IsNull());

    SteeringRecord lost = good_decision();
    lost.router_state = static_cast<std::uint8_t>(RouterState::unreachable);
    tap.observe(lost, 1);
    CHECK(http::steering_health(sample_process(), view_of(tap)).status == 503);
    CHECK(http::condition(view_of(tap)) == "router unreachable");
}

TEST_CASE("liveness says it in the status and a word") {
    CHECK(http::liveness(true).status == 200);
    CHECK(http::liveness(true).body == "ok\n");
    CHECK(http::liveness(false).status == 503);
}

TEST_CASE("status has every field and counter of the record, of all WANs or of one") {
    SampleWan first("cable");
    SampleWan second("dsl");
    first.tap.observe(good_cycle(), 0);
    const std::vector<metrics::WanView> views{first.views[0], second.views[0]};
    const auto all = json_of(http::autorate_status(sample_process(), views, ""));
    REQUIRE(all["wans"].Size() == 2);
    const auto& newest = all["wans"][0]["newest"];
    CHECK(newest["slot"].GetInt() == 7);
    CHECK(std::string(newest["dl_zone"].GetString()) == "RED");
    CHECK(newest["ul_held_bps"].IsNull());
    CHECK(all["wans"][0]["counters"]["loop_turns"].GetInt() == 1000);
    CHECK(all["wans"][0]["counters"].MemberCount() == kCycleCounters);
    CHECK(all["wans"][1]["newest"].IsNull());
    const auto one = json_of(http::autorate_status(sample_process(), views, "dsl"));
    REQUIRE(one["wans"].Size() == 1);
    CHECK(std::string(one["wans"][0]["name"].GetString()) == "dsl");
    CHECK(http::autorate_status(sample_process(), views, "lte\n").status == 404);
}

TEST_CASE("watching a record allocates nothing") {
    metrics::CycleTap cycles;
    metrics::SteeringTap decisions;
    const CycleRecord record = good_cycle();
    const SteeringRecord decision = good_decision();
    const std::uint64_t before = allocations();
    for (std::size_t i = 0; i < 2 * metrics::CycleTap::kWindow; ++i) {
        cycles.observe(record, i);
        decisions.observe(decision, i);
    }
    CHECK(allocations() == before);
}

TEST_CASE("times of a slot are those of the last window alone") {
    metrics::CycleTap tap;
    CycleRecord record = good_cycle();
    auto& cpu = record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)];
    cpu = 90'000'000;
    for (std::size_t i = 0; i < metrics::CycleTap::kWindow; ++i) tap.observe(record, 0);
    for (std::size_t i = 0; i < metrics::CycleTap::kWindow; ++i) {
        cpu = static_cast<std::uint32_t>(1000 * (i + 1));
        tap.observe(record, 0);
    }
    const metrics::CycleTimes times = tap.cycle_times();
    CHECK(times.avg_ms == Approx(0.6005));
    CHECK(times.p95_ms == Approx(1.140).epsilon(0.002));
    CHECK(times.p99_ms == Approx(1.188).epsilon(0.002));
    CHECK(times.share == Approx(0.6005 / 50));
}

TEST_CASE("a path that no page has is not found, query or not") {
    http::Pages pages;
    pages.add("/a", [](const http::Request& request) {
        return http::Answer{200, "text/plain", std::string(request.query)};
    });
    http::Answer got;
    const auto ask = [&](std::string_view path, std::string_view query) {
        pages.responder()({path, query}, [&](http::Answer answer) { got = std::move(answer); });
        return got.status;
    };
    CHECK(ask("/a", "q=1") == 200);
    CHECK(got.body == "q=1");
    CHECK(ask("/a/", "") == 404);
    CHECK(got.body == "{\"error\":\"Not found\"}\n");
    CHECK(ask("", "") == 404);
}

TEST_CASE("values of a query are found by name and decoded") {
    const std::string_view query = "a=1&from=2026-01-01T00%3A00+x&b&from=2&%61=3&c=%zz%4&d=";
    CHECK(http::query_value(query, "a") == "1");
    CHECK(http::query_value(query, "from") == "2026-01-01T00:00 x");
    CHECK(http::query_value(query, "b").empty());
    CHECK(http::query_value(query, "c") == "%zz%4");
    CHECK(http::query_value(query, "d").empty());
    CHECK(http::query_value(query, "e").empty());
    CHECK(http::query_value("", "a").empty());
    CHECK(http::query_value("&&=&", "a").empty());
}

TEST_CASE("a token is shown by its whole text and no part of it") {
    CHECK(http::shows_token("Bearer abc", "abc"));
    CHECK(http::shows_token("bearer   abc", "abc"));
    for (const std::string_view wrong :
         {"", "Bearer", "Bearer ", "Bearer ab", "Bearer abcd", "Bearer abd", "Bearer ABC", "abc",
          "Basic abc", "Bearer abcabc"}) {
        INFO(wrong);
        CHECK_FALSE(http::shows_token(wrong, "abc"));
    }
    CHECK_FALSE(http::shows_token("Bearer ", ""));
    CHECK_FALSE(http::shows_token("Bearer x", ""));
}
