#include "steering/saved_memory.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "common/record/steering_fields.hpp"
#include "shm/directory.hpp"
#include "shm/segment_writer.hpp"
#include "steering/sources/ring_names.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace std::chrono_literals;

namespace {

constexpr SteadyTime kNow{1h};
constexpr WallTime kWall{500'000h};
const Moment kThen{{1, 2, 3}, kNow, kWall};

SteeringConfig config() {
    SteeringConfig config;
    config.primary = "cable";
    config.alternate = "dsl";
    config.rule.comment = "steer \"it\"";
    return config;
}

// Steering for 10 s, by the second toggle of the last minute, with a penalty of 40 s to go.
SavedMemory saved() {
    SavedMemory saved{{SteeringState::degraded, kNow - 10s, {}}, kThen};
    saved.memory.flaps.add(kNow - 60s);
    saved.memory.flaps.add(kNow - 10s);
    saved.memory.flaps.penalty_until = kNow + 40s;
    return saved;
}

Moment later(Nanos by, BootId boot = kThen.boot, Nanos wall_step = 0s) {
    return {boot, kNow + by, kWall + by + wall_step};
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a memory is read as it was written") {
    const auto parsed = parse_saved_memory(config(), saved_memory_text(config(), saved()));
    REQUIRE(parsed);
    REQUIRE(*parsed);
    const SavedMemory& after = **parsed;
    CHECK(after.at.boot == kThen.boot);
    CHECK(after.at.steady == kThen.steady);
    CHECK(after.at.wall == kThen.wall);
    CHECK(after.memory.state == SteeringState::degraded);
    CHECK(after.memory.since == kNow - 10s);
    REQUIRE(after.memory.flaps.count == 2);
    CHECK(after.memory.flaps.at[0] == kNow - 60s);
    CHECK(after.memory.flaps.at[1] == kNow - 10s);
    CHECK(after.memory.flaps.penalty_until == kNow + 40s);
}

TEST_CASE("a state file of before, or with alerts that nobody understands, is read all the same") {
    SavedMemory memory = saved();
    const std::string text = saved_memory_text(config(), memory);
    CHECK(parse_saved_memory(config(), with(text, ",\"alerts\":[]", "")));
    memory.alerts = R"({"of":"tomorrow"})";
    CHECK(parse_saved_memory(config(), saved_memory_text(config(), memory)));
}

TEST_CASE("a memory of other lines, another rule or another dry_run is none of ours") {
    const std::string text = saved_memory_text(config(), saved());
    SteeringConfig other = config();
    const int what = GENERATE(0, 1, 2, 3);
    if (what == 0) other.primary = "fibre";
    if (what == 1) other.alternate = "fibre";
    if (what == 2) other.rule.comment = "another";
    if (what == 3) other.decide.dry_run = true;
    const auto parsed = parse_saved_memory(other, text);
    REQUIRE(parsed);
    CHECK_FALSE(*parsed);
}

TEST_CASE("a memory that no daemon can have written is refused and its fault named") {
    const std::string good = saved_memory_text(config(), saved());
    const std::string since = fmt::format("\"since_ns\":{}", (kNow - 10s).time_since_epoch() / 1ns);
    struct Case {
        std::string text;
        std::string fault;
    };
    const std::vector<Case> cases{
        {"", "JSON"},
        {with(good, "\"primary\"", "\"first\""), "\"primary\""},
        {with(good, "\"dry_run\":0", "\"dry_run\":2"), "\"dry_run\""},
        {with(good, "\"state\":1", "\"state\":2"), "\"state\""},
        {with(good, since, "\"since_ns\":-1"), "\"since_ns\""},
        {with(good, since, "\"since_ns\":3600000000001"), "\"since_ns\""},
        {with(good, "\"toggles_ns\":[", "\"toggles_ns\":[9,8,"), "\"toggles_ns\""},
        {with(good, "\"toggles_ns\":[", "\"toggles_ns\":[null,"), "\"toggles_ns\""},
        {with(good, "\"penalty_until_ns\":", "\"penalty_until_ns\":9"), "\"penalty_until_ns\""},
    };
    for (const Case& each : cases) {
        INFO(each.text);
        const auto parsed = parse_saved_memory(config(), each.text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().kind == ErrorKind::invalid_input);
        CHECK(parsed.error().message.find(each.fault) != std::string::npos);
    }
}

TEST_CASE("within a boot moments stay what they are, whatever the wall clock does") {
    const auto memory = brought_to(saved(), later(5s, kThen.boot, -10h), config());
    CHECK(memory.state == SteeringState::degraded);
    CHECK(memory.since == kNow - 10s);
    CHECK(memory.flaps.count == 2);
    CHECK(memory.flaps.at[1] == kNow - 10s);
    CHECK(memory.flaps.penalty_until == kNow + 40s);
}

TEST_CASE("in another boot ages go by the wall clock") {
    // The new boot's steady clock shows 100 s, and 15 s have passed.
    const SteadyTime now{100s};
    const auto at = [&](Nanos passed) {
        return brought_to(saved(), {{9}, now, kWall + passed}, config());
    };
    CHECK(at(15s).since == now - 25s);
    CHECK(at(15s).flaps.at[1] == now - 25s);
    CHECK(at(15s).flaps.count == 2);
    CHECK(at(15s).flaps.penalty_until == now + 25s);
    // The hold-down is over: no older than that is told.
    CHECK(at(1h).since == now - 30s);
    CHECK(at(1h).flaps.count == 0);
    CHECK_FALSE(at(1h).flaps.penalty_until);
    // A clock that was set back tells of no time passed.
    CHECK(at(-5h).since == now - 10s);
    CHECK(at(-5h).flaps.penalty_until == now + 40s);
    // Right after the boot nothing lies before it.
    CHECK(brought_to(saved(), {{9}, SteadyTime(4s), kWall + 15s}, config()).since == SteadyTime{});
    // An unknown boot is another one.
    SavedMemory unknown = saved();
    unknown.at.boot = {};
    CHECK(brought_to(unknown, {{}, now, kWall + 15s}, config()).since == now - 25s);
}

TEST_CASE("the ring's last record counts before the file, of the toggles it adds the last") {
    SteeringMemory file = saved().memory;
    Predecessor record{SteeringState::good, kNow - 2s, kNow - 2s, std::nullopt};
    SteeringMemory memory = joined(file, record);
    CHECK(memory.state == SteeringState::good);
    CHECK(memory.since == kNow - 2s);
    CHECK(memory.flaps.count == 3);
    CHECK_FALSE(memory.flaps.penalty_until);
    // The file was saved after that toggle already.
    record.toggled_at = kNow - 10s;
    CHECK(joined(file, record).flaps.count == 2);
    record.toggled_at.reset();
    CHECK(joined(file, record).flaps.count == 2);
    record.toggled_at = kNow - 2s;
    CHECK(joined(std::nullopt, record).flaps.count == 1);
}

TEST_CASE("the last record tells state, toggle and penalty of a daemon that knew the rule") {
    const SystemClock clock;
    const SteadyTime now = clock.steady();
    const auto ns = [](SteadyTime at) { return at.time_since_epoch().count(); };
    const std::string name = fmt::format("t{}-before", ::getpid());
    auto segment = shm::SegmentWriter<SteeringRecord>::create({name, "test", "", 100ms, 1s},
                                                              steering_abi(), clock);
    REQUIRE(segment);
    CHECK_FALSE(last_record(now, false, name));
    SteeringRecord record;
    record.interval_ns = 100'000'000;
    record.mono_ns = ns(now - 1s);
    record.state_since_ns = ns(now - 10s);
    segment->publish(record);
    CHECK_FALSE(last_record(now, false, name));
    record.rule_read = static_cast<std::uint8_t>(RuleState::enabled);
    record.state = static_cast<std::uint8_t>(SteeringState::degraded);
    record.last_action = static_cast<std::uint8_t>(SteeringAction::enable);
    record.last_reason = static_cast<std::uint8_t>(SteeringReason::congested);
    record.last_at_ns = ns(now - 10s);
    record.timer_left_us[static_cast<std::size_t>(SteeringTimer::flap_penalty)] = 7'000'000;
    segment->publish(record);
    auto found = last_record(now, false, name);
    REQUIRE(found);
    CHECK(found->state == SteeringState::degraded);
    CHECK(found->since == now - 10s);
    CHECK(found->toggled_at == now - 10s);
    CHECK(found->penalty_until == now + 6s);
    CHECK_FALSE(last_record(now, true, name));
    for (const auto reason :
         {SteeringReason::adopted, SteeringReason::restored, SteeringReason::exit}) {
        record.last_reason = static_cast<std::uint8_t>(reason);
        segment->publish(record);
        found = last_record(now, false, name);
        REQUIRE(found);
        CHECK(found->since == now - 10s);
        CHECK_FALSE(found->toggled_at);
    }
    std::remove(shm::object_path(name).c_str());
    std::remove(shm::lock_path(name).c_str());
}

TEST_CASE("a name is wrong when other rings are there; an alternate may do without its own") {
    SteeringConfig names = config();
    const auto wrong = [&](SteeredWan wan, const std::vector<std::string>& rings) {
        return name_mismatch(names, wan, rings).value_or("");
    };
    constexpr auto kPrimary = SteeredWan::primary;
    constexpr auto kAlternate = SteeredWan::alternate;
    CHECK(wrong(kPrimary, {}).empty());
    CHECK(wrong(kPrimary, {"steering"}).empty());
    CHECK(wrong(kPrimary, {"cable", "lte"}).empty());
    const std::string text = wrong(kPrimary, {"dsl", "lte", "steering"});
    CHECK(text.find("primary = \"cable\" is the name of no ring; present: dsl, lte;") == 0);
    CHECK(wrong(kAlternate, {"cable", "steering"}).empty());
    CHECK(wrong(kAlternate, {"cable", "lte"}).find("alternate = \"dsl\"") == 0);
    names.failsafe.require_alternate = true;
    CHECK(wrong(kAlternate, {"cable"}).find("present: cable;") != std::string::npos);
    CHECK(wrong(kAlternate, {"cable", "dsl"}).empty());
}
