#include "common/alert/post.hpp"

#include <algorithm>

#include "common/alert/desk.hpp"
#include "common/version.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::alert;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kAt{std::chrono::duration_cast<Nanos>(1'763'741'335'123ms)};

Message message() {
    AlertRule rule{AlertType::wan_offline, AlertSeverity::critical};
    CycleRecord record;
    record.real_ns = kAt.time_since_epoch().count();
    record.measurement = 3;
    record.direction[0].wanted_bps = 36'500'000;
    record.delta_ns = 1'250'000;
    return message_of({0, Phase::raised, 61s, 2}, rule, record, "cable");
}

bool has(const Post& post, const std::string& header) {
    return std::find(post.headers.begin(), post.headers.end(), header) != post.headers.end();
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a message says in one sentence which WAN, what and for how long") {
    CHECK(message().text ==
          "cable: the WAN is offline: nobody answers for 61 s (2 times more since the last alert)");
    const AlertRule rule{AlertType::congestion_upload};
    CHECK(message_of({0, Phase::recovered, 7500ms, 0}, rule, CycleRecord{}, "dsl").text ==
          "dsl: the upload is no longer congested, after 7.5 s");
    CHECK(message_of({0, Phase::raised}, {AlertType::steering_on}, SteeringRecord{}, "steering")
              .text == "steering: traffic is steered to the alternate WAN");
}

TEST_CASE("every type has words of its own") {
    std::vector<std::string> told;
    for (std::size_t i = 0; i < kAlertTypes; ++i) {
        for (const Phase phase : {Phase::raised, Phase::recovered}) {
            const AlertRule rule{static_cast<AlertType>(i)};
            told.push_back(message_of({0, phase}, rule, CycleRecord{}, "w").text);
            CHECK(told.back().size() > 10);
        }
    }
    std::sort(told.begin(), told.end());
    CHECK(std::adjacent_find(told.begin(), told.end()) == told.end());
}

TEST_CASE("the JSON webhook gets the documented object") {
    const Post post = post_of(message(), SinkKind::json);
    CHECK(has(post, "Content-Type: application/json"));
    CHECK(post.body ==
          R"j({"version":1,"type":"wan_offline","phase":"raised","severity":"critical",)j"
          R"j("program":"wanctl-autorate","wan":"cable","time":"2025-11-21T16:08:55.123Z",)j"
          R"j("lasted_s":61.0,"unheeded":2,"text":"cable: the WAN is offline: nobody answers for )j"
          R"j(61 s (2 times more since the last alert)","details":{"download_zone":"GREEN",)j"
          R"j("upload_zone":"GREEN","download_mbps":36.5,"upload_mbps":0.0,"delta_ms":1.25,)j"
          R"j("load_ms":0.0,"baseline_ms":0.0,"measurement":"blackout","fallback":"off",)j"
          R"j("router":"unknown","missed_slots":0.0}})j");
}

TEST_CASE("Discord gets one embed, in the severity's colour, that rings nobody") {
    Message told = message();
    const Post post = post_of(told, SinkKind::discord);
    CHECK(has(post, "Content-Type: application/json"));
    CHECK(post.body.rfind(R"j({"username":"wanctl","allowed_mentions":{"parse":[]},"embeds":[{)j",
                          0) == 0);
    CHECK(holds(post.body, R"j("title":"wan_offline raised (critical)")j"));
    CHECK(holds(post.body, R"j("description":"cable: the WAN is offline)j"));
    CHECK(holds(post.body, R"j("color":15158332)j"));
    CHECK(holds(post.body, R"j("timestamp":"2025-11-21T16:08:55.123Z")j"));
    CHECK(holds(post.body, R"j({"name":"download_mbps","value":"36.5","inline":true})j"));
    told.phase = Phase::recovered;
    CHECK(holds(post_of(told, SinkKind::discord).body, R"j("color":3066993)j"));
}

TEST_CASE("ntfy gets a title, a priority, a tag and plain text") {
    Message told = message();
    const Post post = post_of(told, SinkKind::ntfy);
    CHECK(has(post, "Title: wanctl cable: wan_offline raised"));
    CHECK(has(post, "Priority: urgent"));
    CHECK(has(post, "Tags: rotating_light"));
    CHECK(post.body.rfind("cable: the WAN is offline: nobody answers for 61 s", 0) == 0);
    CHECK(holds(post.body, "\ndownload_mbps: 36.5\n"));
    told.severity = AlertSeverity::warning;
    CHECK(has(post_of(told, SinkKind::ntfy), "Priority: high"));
    told.phase = Phase::recovered;
    CHECK(has(post_of(told, SinkKind::ntfy), "Tags: white_check_mark"));
}

TEST_CASE("text from elsewhere breaks neither JSON nor headers") {
    Message told = message();
    told.text = "a\"b\nc\xff";
    CHECK(holds(post_of(told, SinkKind::json).body, R"j("text":"a\"b\\nc\\xff")j"));
    for (const SinkKind kind : {SinkKind::json, SinkKind::discord, SinkKind::ntfy})
        for (const std::string& header : post_of(told, kind).headers)
            CHECK(header.find_first_of("\r\n") == std::string::npos);
}

TEST_CASE("an outcome is a line for the history") {
    const Message told = message();
    CHECK(
        outcome_json({told, "ops", Delivery::given_up, 70}) ==
        R"j({"type":"wan_offline","phase":"raised","severity":"critical","sink":"ops",)j"
        R"j("outcome":"given_up","attempts":70,"text":"cable: the WAN is offline: nobody answers )j"
        R"j(for 61 s (2 times more since the last alert)"})j");
}

TEST_CASE("a test message names its sink") {
    const Message told = test_message(kAt, "ops");
    CHECK(told.type == "test");
    CHECK(holds(post_of(told, SinkKind::ntfy).body, "A test of sink ops"));
}
