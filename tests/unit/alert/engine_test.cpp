#include "common/alert/engine.hpp"

#include <string>

#include <fmt/format.h>

#include "common/alert/cycle_conditions.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"

using namespace wanctl;
using namespace wanctl::alert;
using namespace std::chrono_literals;

namespace {

constexpr AlertType kType = AlertType::router_lost;

// One condition over time, and what was told: "+" raised, "-" recovered, with the second.
class Story {
  public:
    explicit Story(Nanos sustain, Nanos cooldown)
        : engine({{kType, AlertSeverity::warning, sustain, cooldown, {}}}) {}

    // In steps of 100 ms; the step at the end belongs to what comes next.
    Story& span(Condition value, Nanos length) {
        for (const SteadyTime end = now + length; now < end; now += 100ms) {
            Conditions conditions;
            conditions.set(kType, value);
            for (const Event& event : engine.step(now, conditions)) tell(event);
        }
        return *this;
    }
    Story& holds(Nanos length) { return span(Condition::holds, length); }
    Story& clear(Nanos length) { return span(Condition::clear, length); }
    Story& unknown(Nanos length) { return span(Condition::unknown, length); }

    void tell(const Event& event) {
        const auto second = std::chrono::duration<double>(now.time_since_epoch()).count();
        told += fmt::format("{}{}{} ", event.phase == Phase::raised ? "+" : "-", second,
                            event.unheeded > 0 ? fmt::format("({})", event.unheeded) : "");
        last = event;
    }

    Engine engine;
    SteadyTime now{};
    std::string told;
    Event last;
};

}  // namespace

TEST_CASE("an alert is raised once its condition has held for sustain_s without a break") {
    CHECK(Story(60s, 0s).holds(60s).told == "");
    CHECK(Story(60s, 0s).holds(61s).told == "+60 ");
    CHECK(Story(60s, 0s).holds(50s).clear(100ms).holds(60s).told == "");
    CHECK(Story(60s, 0s).holds(50s).clear(100ms).holds(61s).told == "+110.1 ");
    CHECK(Story(0s, 0s).clear(5s).holds(1s).told == "+5 ");
    CHECK(Story(60s, 0s).holds(10000s).told == "+60 ");
}

TEST_CASE("what is unknown neither begins, ends nor breaks anything") {
    CHECK(Story(5s, 0s).unknown(100s).told == "");
    CHECK(Story(5s, 0s).holds(3s).unknown(10s).told == "");
    CHECK(Story(5s, 0s).holds(3s).unknown(10s).holds(1s).told == "+13 ");
    CHECK(Story(5s, 0s).holds(6s).unknown(100s).told == "+5 ");
}

TEST_CASE("recovered is told once the condition has been gone for sustain_s, 10 s at most") {
    CHECK(Story(60s, 0s).holds(70s).clear(10s).told == "+60 ");
    CHECK(Story(60s, 0s).holds(70s).clear(11s).told == "+60 -80 ");
    CHECK(Story(3s, 0s).holds(10s).clear(11s).told == "+3 -13 ");
    CHECK(Story(0s, 0s).holds(10s).clear(1s).told == "+0 -10 ");
    // It came back in between: still the same alert.
    CHECK(Story(60s, 0s).holds(70s).clear(9s).holds(1s).clear(9s).told == "+60 ");
    Story story(60s, 0s);
    story.holds(70s).clear(30s);
    CHECK(story.last.lasted == 70s);
}

TEST_CASE("recovered follows every alert, also within the cool-down") {
    CHECK(Story(0s, 300s).holds(10s).clear(10s).told == "+0 -10 ");
    CHECK(Story(0s, 300s).holds(10s).clear(10s).holds(10s).clear(1000s).told == "+0 -10 ");
}

TEST_CASE("nothing recovers that was not raised") {
    CHECK(Story(60s, 0s).holds(59s).clear(100s).told == "");
    CHECK(Story(60s, 0s).clear(100s).told == "");
}

TEST_CASE("within the cool-down an alert is not raised again, and afterwards it is if it holds") {
    CHECK(Story(0s, 300s).holds(10s).clear(10s).holds(279s).told == "+0 -10 ");
    CHECK(Story(0s, 300s).holds(10s).clear(10s).holds(300s).told == "+0 -10 +300 ");
    CHECK(Story(5s, 300s).holds(10s).clear(290s).holds(4s).told == "+5 -15 ");
    CHECK(Story(5s, 300s).holds(10s).clear(290s).holds(6s).told == "+5 -15 +305 ");
}

TEST_CASE("an alert says how often its cool-down kept quiet") {
    Story story(1s, 100s);
    story.holds(5s).clear(5s);
    for (int i = 0; i < 3; ++i) story.holds(5s).clear(5s);
    story.holds(500ms).clear(5s);  // too short to count
    story.clear(100s).holds(2s).clear(5s).clear(100s).holds(2s);
    CHECK(story.told == "+1 -6 +146.5(3) -148.5 +253.5 ");
}

TEST_CASE("rules about the same condition go by themselves") {
    Engine engine({{kType, AlertSeverity::warning, 1s, 0s, {}},
                   {AlertType::wan_offline, AlertSeverity::warning, 0s, 0s, {}},
                   {kType, AlertSeverity::critical, 3s, 0s, {}}});
    Conditions conditions;
    conditions.set(kType, Condition::holds);
    std::vector<std::size_t> raised;
    for (SteadyTime now{}; now < SteadyTime(5s); now += 100ms)
        for (const Event& event : engine.step(now, conditions)) raised.push_back(event.rule);
    CHECK(raised == std::vector<std::size_t>{0, 2});
}

TEST_CASE("a reload keeps what is raised, and hands over what nobody watches any more") {
    const AlertRule first{kType, AlertSeverity::warning, 0s, 300s, {"a"}};
    AlertRule second{kType, AlertSeverity::critical, 0s, 300s, {"b"}};
    Engine engine({first, second});
    Conditions conditions;
    conditions.set(kType, Condition::holds);
    CHECK(engine.step({}, conditions).size() == 2);

    AlertRule changed = first;
    changed.sinks = {"c"};
    CHECK(engine.reconfigure({{AlertType::wan_offline}, changed}) == std::vector{second});
    CHECK(engine.step(SteadyTime(1s), conditions).empty());
    conditions.set(kType, Condition::clear);
    const auto events = engine.step(SteadyTime(2s), conditions);
    REQUIRE(events.size() == 1);
    CHECK(events[0].phase == Phase::recovered);
    CHECK(events[0].rule == 1);
    CHECK(engine.reconfigure({}).empty());
}

TEST_CASE("looking at records and stepping, also with events, allocates nothing") {
    std::vector<AlertRule> rules;
    for (std::size_t i = 0; i < kAlertTypes; ++i) rules.push_back({static_cast<AlertType>(i)});
    for (AlertRule& rule : rules) rule.sustain = rule.cooldown = 1s;
    Engine engine(std::move(rules));
    CycleConditions conditions(Millis(25));
    CycleRecord record;
    std::size_t events = 0;
    const std::uint64_t before = test::allocations();
    for (int i = 0; i < 20'000; ++i) {
        record.mono_ns += 50'000'000;
        record.interval_ns = 50'000'000;
        const bool bad = i / 1000 % 2 == 1;
        record.router_state = static_cast<std::uint8_t>(bad ? RouterState::late : RouterState::ok);
        record.direction[0].zone = static_cast<std::uint8_t>(bad ? i / 25 % 2 : 0);
        record.baseline_ns = bad ? 60'000'000 : 25'000'000;
        events +=
            engine.step(SteadyTime(Nanos(record.mono_ns)), conditions.look(record, {})).size();
    }
    CHECK(test::allocations() == before);
    CHECK(events >= 30);
}
