#include "common/alert/engine.hpp"

#include <string>

#include <fmt/format.h>

#include "common/alert/cycle_conditions.hpp"
#include "common/alert/kept_alerts.hpp"
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

    // The daemon is started again.
    Story& again() {
        const auto kept = engine.kept();
        const std::vector<AlertRule> rules = engine.rules();
        engine = Engine(rules);
        CHECK(engine.restore(kept).empty());
        told += "/ ";
        return *this;
    }

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

class SetClock final : public Clock {
  public:
    SetClock(SteadyTime steady, WallTime wall) : steady_(steady), wall_(wall) {}
    [[nodiscard]] SteadyTime steady() const override { return steady_; }
    [[nodiscard]] WallTime wall() const override { return wall_; }

  private:
    SteadyTime steady_;
    WallTime wall_;
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

TEST_CASE("an alert of the life before recovers in this one, once, and is not raised again") {
    CHECK(Story(60s, 300s).holds(61s).again().clear(20s).told == "+60 / -71 ");
    CHECK(Story(60s, 300s).holds(61s).again().clear(20s).again().clear(20s).told == "+60 / -71 / ");
    CHECK(Story(60s, 300s).holds(61s).again().holds(400s).clear(20s).told == "+60 / -471 ");
    CHECK(Story(60s, 300s).holds(61s).again().unknown(400s).told == "+60 / ");
    // Within the cool-down of what has recovered, too.
    CHECK(Story(0s, 300s).holds(1s).clear(1s).again().holds(400s).told == "+0 -1 / +300 ");
    CHECK(Story(60s, 300s).holds(59s).again().clear(70s).told == "/ ");
    Story long_one(60s, 300s);
    long_one.holds(100s).again().clear(20s);
    CHECK(long_one.last.lasted == 100s);
}

TEST_CASE("alerts of the life before belong to the rules of this one, and others are handed over") {
    const AlertRule first{kType, AlertSeverity::warning, 0s, 0s, {"a"}};
    const AlertRule second{kType, AlertSeverity::critical, 60s, 0s, {"b"}};
    const SteadyTime then(1h);
    const std::vector<KeptAlert> kept{{kType, 0, false, then, then},
                                      {AlertType::wan_offline, 0, true, then, then},
                                      {kType, 1, true, then, then},
                                      {AlertType::flapping, 0, false, then, then}};
    Engine engine({first, second});
    const auto orphans = engine.restore(kept);
    REQUIRE(orphans.size() == 1);
    CHECK(orphans[0].type == AlertType::wan_offline);
    CHECK(engine.rules() == std::vector{first, second});
    REQUIRE(engine.kept().size() == 2);
    CHECK_FALSE(engine.kept()[0].raised);
    CHECK(engine.kept()[1].raised);
}

TEST_CASE("an alert goes on with its own rule, also when the first of its type was never raised") {
    const std::vector<AlertRule> rules{{kType, AlertSeverity::info, 1h, 0s, {}},
                                       {AlertType::wan_offline, AlertSeverity::info, 0s, 0s, {}},
                                       {kType, AlertSeverity::critical, 0s, 0s, {"ops"}}};
    const SetClock clock(SteadyTime(1h), WallTime(400'000h));
    Conditions conditions;
    conditions.set(kType, Condition::holds);
    Engine before(rules);
    REQUIRE(before.step(clock.steady(), conditions).size() == 1);
    const auto texts = kept_text(before.kept(), clock);
    const auto kept = kept_alerts(fmt::format("{{\"alerts\":{}}}", texts.text), clock);

    Engine after(rules);
    CHECK(after.restore(kept).empty());
    CHECK(after.step(clock.steady() + 1s, conditions).empty());
    conditions.set(kType, Condition::clear);
    const auto events = after.step(clock.steady() + 2s, conditions);
    REQUIRE(events.size() == 1);
    CHECK(events[0].phase == Phase::recovered);
    CHECK(events[0].rule == 2);
    // Where it is the only one of its type by now, nobody watches it.
    Engine fewer({rules[0]});
    const auto orphans = fewer.restore(kept);
    REQUIRE(orphans.size() == 1);
    CHECK(orphans[0].severity == AlertSeverity::critical);
    CHECK(orphans[0].sinks == std::vector<std::string>{"ops"});
}

TEST_CASE("moments stay what they are however often they are kept, also before the wall clock's") {
    std::vector<KeptAlert> kept(1);
    kept[0].raised = true;
    kept[0].since = kept[0].last = SteadyTime(1h + 700us);
    for (int i = 0; i < 10; ++i) {
        // The two clocks do not go exactly alike.
        const SetClock clock(SteadyTime(2h), WallTime(400'000h + 100us + i % 2 * 200us));
        kept = kept_alerts(fmt::format("{{\"alerts\":{}}}", kept_text(kept, clock).text), clock);
        REQUIRE(kept.size() == 1);
    }
    CHECK(kept[0].last > SteadyTime(1h - 1ms));
    CHECK(kept[0].last < SteadyTime(1h + 2ms));
    // A machine without a clock of its own begins in 1970.
    kept[0].since = SteadyTime(-9min);
    const SetClock early(SteadyTime(2min), WallTime(1min));
    const auto read =
        kept_alerts(fmt::format("{{\"alerts\":{}}}", kept_text(kept, early).text), early);
    REQUIRE(read.size() == 1);
    CHECK(read[0].since == SteadyTime(1min));
}

TEST_CASE("alerts are kept by the wall clock, and what cannot be read costs itself alone") {
    const SetClock before(SteadyTime(1h), WallTime(400'000h));
    const std::vector<KeptAlert> kept{{kType, 0, true, SteadyTime(59min), SteadyTime(1h)},
                                      {AlertType::flapping, 0, false, {}, SteadyTime(1min)}};
    const auto state = [](const std::string& alerts) {
        return fmt::format("{{\"wan\":\"cable\",\"alerts\":{}}}\n", alerts);
    };
    const auto texts = kept_text(kept, before);
    const std::string first = texts.text.substr(1, texts.text.find('}'));
    // The same at any time, so that it is not saved for nothing.
    CHECK(kept_text(kept, SetClock(SteadyTime(2h), WallTime(400'001h + 3ms))).what == texts.what);

    // Another boot, ten minutes later by the wall clock.
    const SetClock now(SteadyTime(2min), WallTime(400'000h + 10min));
    const auto read = kept_alerts(state(texts.text), now);
    REQUIRE(read.size() == 2);
    CHECK(read[0].type == kType);
    CHECK(read[0].raised);
    CHECK(read[0].since == SteadyTime(2min - 11min));
    CHECK(read[0].last == SteadyTime(2min - 10min));
    CHECK_FALSE(read[1].raised);
    // A wall clock that was set back.
    const auto early = kept_alerts(state(texts.text), SetClock(SteadyTime(2min), WallTime(1h)));
    REQUIRE(early.size() == 2);
    CHECK(early[0].last == SteadyTime(2min));

    for (const char* const none :
         {"", "{", "{}", "{\"alerts\":3}", "{\"alerts\":{\"type\":\"router_lost\"}}"})
        CHECK(kept_alerts(none, now).empty());
    const std::string good =
        R"({"type":"router_lost","place":0,"raised":1,"since_ms":1000,"last_ms":9223372036854})";
    CHECK(kept_alerts(state("[" + good + "]"), now).empty());
    for (const char* const bad :
         {R"(7)", R"({"type":"tomorrows","place":0,"raised":1,"since_ms":1,"last_ms":1})",
          R"({"type":"router_lost","place":0,"raised":2,"since_ms":1,"last_ms":1})",
          R"({"type":"router_lost","place":0,"raised":1,"since_ms":-1,"last_ms":1})",
          R"({"type":"router_lost","place":64,"raised":1,"since_ms":1,"last_ms":1})",
          R"({"type":"router_lost","raised":1,"since_ms":1,"last_ms":1})",
          R"({"type":"router_lost","place":0,"raised":1,"since_ms":1})"}) {
        INFO(bad);
        CHECK(kept_alerts(state(fmt::format("[{},{}]", bad, first)), now).size() == 1);
    }
    // More than there can be rules.
    std::string many = first;
    for (int i = 0; i < 7; ++i) many += "," + many;
    CHECK(kept_alerts(state("[" + many + "]"), now).size() == kMostAlertRules);
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
