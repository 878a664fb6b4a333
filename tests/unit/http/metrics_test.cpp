// Prometheus' text: its form, its values, and that nothing the record tells is lost in it.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "common/metrics/metrics_text.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_states.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/http/sample_views.hpp"

using namespace wanctl;
using namespace wanctl::test;
using metrics::Names;

namespace {

// The samples by their name and labels. Checks the form on the way: HELP and TYPE once, before
// their samples; samples of a family together; no sample twice.
std::map<std::string, double> samples_of(const std::string& text) {
    std::map<std::string, double> out;
    std::set<std::string> families;
    std::string family;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        INFO(line);
        if (line.rfind("# HELP ", 0) == 0) {
            family = line.substr(7, line.find(' ', 7) - 7);
            CHECK(families.insert(family).second);
            CHECK(line.size() > 8 + family.size());
            REQUIRE(std::getline(in, line));
            CHECK(line.rfind("# TYPE " + family + " ", 0) == 0);
            continue;
        }
        CHECK(line.rfind(family, 0) == 0);
        const std::size_t space = line.rfind(' ');
        CHECK(out.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second);
    }
    return out;
}

std::string autorate_text(const std::vector<metrics::WanView>& views, Names names) {
    metrics::HttpFigures http;
    http.answers[2] = 5;
    return metrics::AutorateMetrics().text(sample_process(), views, http, names);
}

SteeringRecord decision() {
    SteeringRecord record;
    record.router_state = static_cast<std::uint8_t>(RouterState::late);
    record.state = static_cast<std::uint8_t>(SteeringState::degraded);
    record.assessment = static_cast<std::uint8_t>(Assessment::soft_red);
    record.rule_read = static_cast<std::uint8_t>(RuleState::disabled);
    record.wan[0].dl_zone = static_cast<std::uint8_t>(Zone::soft_red);
    record.wan[0].delta_us = 12'500;
    record.wan[1].seen = 9;
    return record;
}

// A lost router was told to a webhook that took one message of two, congestion never to the log.
alert::AlertFigures some_alerts() {
    alert::AlertFigures figures;
    figures.watched[static_cast<std::size_t>(AlertType::router_lost)] = true;
    figures.watched[static_cast<std::size_t>(AlertType::congestion_upload)] = true;
    figures.told[static_cast<std::size_t>(AlertType::router_lost)] = {2, 1};
    figures.sink("ops").ended = {1, 2, 3, 4};
    figures.sink("log").ended = {};
    return figures;
}

std::string steering_text(const SteeringRecord* record, Names names,
                          const alert::AlertFigures* alerts = nullptr) {
    metrics::SteeringTap tap;
    if (record != nullptr) tap.observe(*record, 0);
    const metrics::SteeringView view{"cable", "dsl", &tap, sample_counter, alerts};
    return metrics::SteeringMetrics().text(sample_process(), view, {}, names);
}

}  // namespace

TEST_CASE("a record's figures stand under their names, in their units") {
    SampleWan wan;
    wan.tap.observe(good_cycle(), 0);
    auto got = samples_of(autorate_text(wan.views, Names::all));
    CHECK(got.at("wanctl_rtt_ms{wan=\"cable\"}") == 36.25);
    CHECK(got.at("wanctl_rtt_load_ms{wan=\"cable\"}") == 35.5);
    CHECK(got.at("wanctl_rtt_baseline_ms{wan=\"cable\"}") == 25.0);
    CHECK(got.at("wanctl_rtt_delta_ms{wan=\"cable\"}") == 10.5);
    CHECK(got.at("wanctl_rate_download_mbps{wan=\"cable\"}") == 850);
    CHECK(got.at("wanctl_rate_upload_mbps{wan=\"cable\"}") == 35);
    CHECK(got.at("wanctl_bandwidth_mbps{wan=\"cable\",direction=\"download\"}") == 850);
    CHECK(got.at("wanctl_rtt_seconds{wan=\"cable\"}") == Approx(0.03625));
    CHECK(got.at("wanctl_wanted_rate_bytes_per_second{wan=\"cable\",direction=\"upload\"}") ==
          4'375'000);
    CHECK(got.at("wanctl_state{wan=\"cable\",direction=\"download\"}") == 3);
    CHECK(got.at("wanctl_state{wan=\"cable\",direction=\"upload\"}") == 0);
    CHECK(got.at("wanctl_record_age_seconds{wan=\"cable\"}") == 0.5);
    CHECK(got.at("wanctl_router_up{wan=\"cable\"}") == 1);
    CHECK(got.at("wanctl_cycles_total{wan=\"cable\"}") == 1001);
    CHECK(
        got.at("wanctl_router_requests_total{wan=\"cable\",kind=\"write\",outcome=\"applied\"}") ==
        1015);
    CHECK(got.at("wanctl_slot_lateness_worst_seconds{wan=\"cable\"}") == Approx(1004e-9));
    CHECK(
        got.at(
            "wanctl_stage_duration_seconds_bucket{wan=\"cable\",stage=\"decide\",le=\"1e-06\"}") ==
        0);
    CHECK(got.at("wanctl_stage_duration_seconds_bucket{wan=\"cable\",stage=\"decide\",le=\"2.5e-"
                 "06\"}") == 1);
    CHECK(got.at(
              "wanctl_stage_duration_seconds_bucket{wan=\"cable\",stage=\"decide\",le=\"+Inf\"}") ==
          1);
    CHECK(got.at("wanctl_cycle_duration_seconds_sum{wan=\"cable\"}") == Approx(1e-4));
    CHECK(got.at("wanctl_slot_lateness_seconds_count{wan=\"cable\"}") == 1);
    CHECK(got.at("wanctl_http_answers_total{code=\"2xx\"}") == 5);
    CHECK(got.at("wanctl_reflector_rtt_seconds{wan=\"cable\",reflector=\"192.0.2.1\"}") ==
          Approx(0.036));
    CHECK(got.at("process_start_time_seconds") == Approx(1'795'241'993.5).epsilon(1e-12));
}

TEST_CASE("what is not known is absent, not zero") {
    SampleWan wan;
    CHECK(samples_of(autorate_text(wan.views, Names::all)).count("wanctl_rtt_ms{wan=\"cable\"}") ==
          0);
    CycleRecord record = good_cycle();
    record.rtt_us = kUnknownUs;
    wan.tap.observe(record, 0);
    const auto got = samples_of(autorate_text(wan.views, Names::all));
    CHECK(got.count("wanctl_rtt_ms{wan=\"cable\"}") == 0);
    CHECK(got.count("wanctl_held_rate_bytes_per_second{wan=\"cable\",direction=\"upload\"}") == 0);
    CHECK(got.count("wanctl_queue_depth_packets{wan=\"cable\",direction=\"download\"}") == 0);
    record.queue[0].age_ns = 5'000'000;
    record.queue[0].queued_packets = 17;
    wan.tap.observe(record, 0);
    const auto later = samples_of(autorate_text(wan.views, Names::all));
    CHECK(later.at("wanctl_queue_depth_packets{wan=\"cable\",direction=\"download\"}") == 17);
    CHECK(later.count("wanctl_queue_depth_packets{wan=\"cable\",direction=\"upload\"}") == 0);
}

TEST_CASE("every counter of the table is told once, whatever it is called") {
    SampleWan wan;
    wan.tap.observe(good_cycle(), 0);
    const auto got = samples_of(autorate_text(wan.views, Names::base));
    const auto told = [](const std::map<std::string, double>& samples, std::size_t index) {
        // Some are in seconds, from ns or us.
        const auto value = static_cast<double>(sample_counter(index));
        return std::ranges::count_if(samples, [value](const auto& sample) {
            return sample.first.find("wan=") != std::string::npos &&
                   (sample.second == value || sample.second == Approx(value * 1e-6).margin(0) ||
                    sample.second == Approx(value * 1e-9).margin(0));
        });
    };
    const SteeringRecord record = decision();
    const auto of_steering = samples_of(steering_text(&record, Names::base));
    for (std::size_t i = 0; i < kCycleCounters; ++i) {
        INFO(cycle_counters()[i].name);
        CHECK(told(got, i) == 1);
    }
    for (std::size_t i = 0; i < kSteeringCounters; ++i) {
        INFO(steering_counters()[i].name);
        CHECK(told(of_steering, i) == 1);
    }
}

TEST_CASE("what the history's writer counts is told while there is a history, each in its way") {
    const std::array<CounterInfo, 4> counters{{{"history_state", "", "x"},
                                               {"history_rows", "", "x"},
                                               {"history_waiting", "", "x"},
                                               {"history_commit_us", "us", "x"}}};
    std::uint64_t state = 0;
    const metrics::CounterValue value = [&state](std::size_t index) {
        return index == 0 ? state : 500 * index;
    };
    metrics::RecordSource source;
    source.labels = {"wan=\"a\""};
    source.counter = &value;
    const auto text = [&] {
        metrics::Exposition out;
        metrics::write_counters(out, counters, {}, {&source, 1});
        return std::move(out).take();
    };
    CHECK(text().empty());
    state = 1;
    CHECK(text().find("# TYPE wanctl_history_waiting_rows gauge\n") != std::string::npos);
    CHECK(text().find("# TYPE wanctl_history_rows_total counter\n") != std::string::npos);
    const auto got = samples_of(text());
    CHECK(got.at("wanctl_history_state{wan=\"a\"}") == 1);
    CHECK(got.at("wanctl_history_rows_total{wan=\"a\"}") == 500);
    CHECK(got.at("wanctl_history_commit_seconds{wan=\"a\"}") == Approx(0.0015));
}

TEST_CASE("the samples of several WANs stand together in their family") {
    SampleWan first("cable");
    SampleWan second("dsl");
    first.tap.observe(good_cycle(), 0);
    second.tap.observe(good_cycle(), 0);
    const std::vector<metrics::WanView> views{first.views[0], second.views[0]};
    const auto got = samples_of(autorate_text(views, Names::all));
    CHECK(got.count("wanctl_rtt_ms{wan=\"cable\"}") == 1);
    CHECK(got.count("wanctl_rtt_ms{wan=\"dsl\"}") == 1);
}

TEST_CASE("steering tells the lines under their own names, with the zones' one coding") {
    const SteeringRecord record = decision();
    const auto got = samples_of(steering_text(&record, Names::all));
    CHECK(got.at("wanctl_steering_enabled{wan=\"cable\"}") == 1);
    CHECK(got.at("wanctl_congestion_state{wan=\"cable\"}") == 2);
    CHECK(got.at("wanctl_state{wan=\"cable\",direction=\"download\"}") == 2);
    CHECK(got.count("wanctl_state{wan=\"dsl\",direction=\"download\"}") == 0);
    CHECK(got.at("wanctl_rtt_delta_ms{wan=\"cable\"}") == 12.5);
    CHECK(got.at("wanctl_ring_records_total{wan=\"dsl\"}") == 9);
    CHECK(got.at("wanctl_steering_rule_enabled{wan=\"cable\"}") == 0);
    CHECK(got.count("wanctl_steering_score{wan=\"cable\"}") == 0);
    CHECK(
        got.at("wanctl_steering_transitions_total{wan=\"cable\",from=\"GOOD\",to=\"DEGRADED\"}") ==
        1007);
    CHECK(got.at("wanctl_router_up{wan=\"cable\"}") == 1);
    CHECK(samples_of(steering_text(nullptr, Names::all))
              .count("wanctl_congestion_state{wan=\"cable\"}") == 0);
}

TEST_CASE("a histogram's bounds read as what they are, and numbers keep their value") {
    for (std::size_t i = 0; i < metrics::DurationHistogram::kBounds.size(); ++i) {
        const std::string text(metrics::DurationHistogram::kSeconds[i]);
        INFO(text);
        CHECK(std::llround(std::stod(text) * 1e9) == metrics::DurationHistogram::kBounds[i]);
    }
    metrics::Exposition out;
    const std::vector<double> values{0,    -3,    0.1,    1e-9,     9'007'199'254'740'991.0,
                                     1e19, -1e19, 1.5e15, 4'375'000};
    for (const double value : values) out.sample("x", "", value);
    std::istringstream in(std::move(out).take());
    for (const double value : values) {
        std::string name;
        std::string text;
        in >> name >> text;
        INFO(text);
        CHECK(std::stod(text) == value);
    }
}

TEST_CASE("labels hold any text, and a histogram's bounds are cumulative") {
    CHECK(metrics::label("a", "b\"c\\d\ne") == "a=\"b\\\"c\\\\d\\ne\"");
    metrics::DurationHistogram histogram;
    for (const auto ns : {0, 1'000, 1'001, 99'999'999, 100'000'001}) histogram.add(Nanos(ns));
    metrics::Exposition out;
    out.family("h_seconds", "histogram", "x");
    out.histogram("h_seconds", "", histogram);
    const auto got = samples_of(std::move(out).take());
    CHECK(got.at("h_seconds_bucket{le=\"1e-06\"}") == 2);
    CHECK(got.at("h_seconds_bucket{le=\"2.5e-06\"}") == 3);
    CHECK(got.at("h_seconds_bucket{le=\"0.1\"}") == 4);
    CHECK(got.at("h_seconds_bucket{le=\"+Inf\"}") == 5);
    CHECK(got.at("h_seconds_count") == 5);
    CHECK(got.at("h_seconds_sum") == Approx(0.200002002));
}

TEST_CASE("alerts are counted by type, their messages by sink and outcome, from 0 on") {
    const alert::AlertFigures figures = some_alerts();
    SampleWan wan;
    wan.tap.observe(good_cycle(), 0);
    CHECK(autorate_text(wan.views, Names::base).find("wanctl_alerts_total{") == std::string::npos);
    wan.views[0].alerts = &figures;
    const SteeringRecord record = decision();
    for (const std::string& text :
         {autorate_text(wan.views, Names::base), steering_text(&record, Names::base, &figures)}) {
        const auto got = samples_of(text);
        const auto told = [&got](const std::string& type, const std::string& phase) {
            return got.at("wanctl_alerts_total{wan=\"cable\",type=\"" + type + "\",phase=\"" +
                          phase + "\"}");
        };
        CHECK(told("router_lost", "raised") == 2);
        CHECK(told("router_lost", "recovered") == 1);
        CHECK(told("congestion_upload", "raised") == 0);
        CHECK(told("congestion_upload", "recovered") == 0);
        const auto became = [&got](const std::string& sink, const std::string& outcome) {
            return got.at("wanctl_alert_messages_total{wan=\"cable\",sink=\"" + sink +
                          "\",outcome=\"" + outcome + "\"}");
        };
        CHECK(became("ops", "delivered") == 1);
        CHECK(became("ops", "refused") == 2);
        CHECK(became("ops", "given_up") == 3);
        CHECK(became("ops", "dropped") == 4);
        CHECK(became("log", "delivered") == 0);
        CHECK(std::ranges::count_if(got, [](const auto& each) {
                  return each.first.starts_with("wanctl_alert");
              }) == 4 + 8);
    }
}

TEST_CASE("promtool, where it is installed, has nothing against the base names") {
    const auto promtool = [](const std::string& text) {
        const TempDir files;
        const std::string file = files.write("metrics", text);
        ChildProcess child(
            {"/bin/sh", "-c",
             "command -v promtool >/dev/null || exit 77; promtool check metrics < " + file});
        const int code = child.wait().value_or(-1);
        return std::to_string(code) + child.out() + child.err();
    };
    SampleWan wan;
    CycleRecord record = good_cycle();
    for (QueueRecord& queue : record.queue) queue.age_ns = 1;
    wan.tap.observe(record, 0);
    const SteeringRecord steering = decision();
    const alert::AlertFigures figures = some_alerts();
    wan.views[0].alerts = &figures;
    const std::string of_autorate = promtool(autorate_text(wan.views, Names::base));
    if (of_autorate == "77") {
        WARN("skipped: no promtool");
        return;
    }
    CHECK(of_autorate == "0");
    CHECK(promtool(steering_text(&steering, Names::base, &figures)) == "0");
    // The others are right but for their units.
    const std::string all = promtool(autorate_text(wan.views, Names::all));
    std::istringstream in(all.substr(1));
    for (std::string line; std::getline(in, line);) {
        INFO(line);
        CHECK(line.find("should not contain abbreviated units") != std::string::npos);
    }
}
