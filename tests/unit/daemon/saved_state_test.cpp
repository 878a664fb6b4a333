#include "autorate/saved_state.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "common/record/cycle_fields.hpp"
#include "shm/directory.hpp"
#include "shm/process_identity.hpp"
#include "shm/segment_writer.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::autorate;
using namespace std::chrono_literals;

namespace {

constexpr BootId kBoot{1, 2, 3};
constexpr SteadyTime kNow{1h};

SavedState state(Rate download, SteadyTime at, BootId boot = kBoot) {
    return {{Millis(31), Millis(25), {Zone::yellow, Zone::red}, {download, 5_mbit}}, boot, at};
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a saved state is read as it was written") {
    const SavedState before = state(123_mbit, kNow);
    const auto after = parse_saved_state("cable", saved_state_text("cable", before));
    REQUIRE(after);
    CHECK(after->law == before.law);
    CHECK(after->boot == before.boot);
    CHECK(after->steady == before.steady);
}

TEST_CASE("a state file of before, or with alerts that nobody understands, is read all the same") {
    SavedState saved = state(123_mbit, kNow);
    const std::string text = saved_state_text("cable", saved);
    CHECK(parse_saved_state("cable", with(text, ",\"alerts\":[]", "")));
    saved.alerts = R"({"of":"tomorrow"})";
    CHECK(parse_saved_state("cable", saved_state_text("cable", saved)));
}

TEST_CASE("a state that no daemon can have written is refused and its fault named") {
    const std::string good = saved_state_text("cable", state(123_mbit, kNow));
    struct Case {
        std::string text;
        std::string fault;
    };
    const std::vector<Case> cases{
        {"", "JSON"},
        {"[1]", "JSON"},
        {with(good, "cable", "dsl"), "\"wan\""},
        {with(good, "\"zone\":1", "\"zone\":4"), "\"download.zone\""},
        {with(good, "123000000", "0"), "\"download.rate_bps\""},
        {with(good, "123000000", "-5"), "\"download.rate_bps\""},
        {with(good, "123000000", "1e9"), "\"download.rate_bps\""},
        {with(good, "\"load_ns\":31000000", "\"load_ns\":null"), "\"load_ns\""},
        {with(good, "\"upload\"", "\"sideload\""), "\"upload\""},
    };
    for (const Case& each : cases) {
        INFO(each.text);
        const auto parsed = parse_saved_state("cable", each.text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().kind == ErrorKind::invalid_input);
        CHECK(parsed.error().message.find(each.fault) != std::string::npos);
    }
}

TEST_CASE("within one boot the newer of file and record counts, across boots the record's boot") {
    const auto rate = [](const std::optional<SavedState>& file,
                         const std::optional<SavedState>& record) {
        const auto law = state_to_start_from(file, record, kBoot, kNow);
        return law ? law->rate[0] : Rate{};
    };
    const SavedState older = state(1_mbit, kNow - 2min);
    const SavedState newer = state(2_mbit, kNow - 1min);
    CHECK(rate(std::nullopt, std::nullopt) == Rate{});
    CHECK(rate(older, std::nullopt) == 1_mbit);
    CHECK(rate(std::nullopt, older) == 1_mbit);
    CHECK(rate(older, newer) == 2_mbit);
    CHECK(rate(newer, older) == 2_mbit);
    // Another boot's clock says nothing: it may show any time.
    CHECK(rate(state(3_mbit, kNow + 100h, {9}), older) == 1_mbit);
    CHECK(rate(state(3_mbit, kNow + 100h, {9}), std::nullopt) == 3_mbit);
}

TEST_CASE("a load that is old begins at the baseline, one of just now is kept") {
    CHECK(state_to_start_from(state(1_mbit, kNow - 1s), {}, kBoot, kNow)->load == Millis(31));
    CHECK(state_to_start_from(state(1_mbit, kNow - 3s), {}, kBoot, kNow)->load == Millis(25));
    CHECK(state_to_start_from(state(1_mbit, kNow + 3s), {}, kBoot, kNow)->load == Millis(25));
    CHECK(state_to_start_from(state(1_mbit, kNow, {9}), {}, kBoot, kNow)->load == Millis(25));
    CHECK(state_to_start_from(state(1_mbit, kNow, {}), {}, {}, kNow)->load == Millis(25));
}

TEST_CASE("the ring's newest record is a state, one that was never filled is none") {
    const SystemClock clock;
    const std::string wan = fmt::format("t{}-saved", ::getpid());
    auto segment =
        shm::SegmentWriter<CycleRecord>::create({wan, "test", "", 50ms, 1s}, cycle_abi(), clock);
    REQUIRE(segment);
    CHECK_FALSE(last_record_state(wan));
    CycleRecord record;
    segment->publish(record);
    CHECK_FALSE(last_record_state(wan));
    record.mono_ns = 42;
    record.load_ns = 31'000'000;
    record.baseline_ns = 25'000'000;
    record.direction[0].wanted_bps = 7'000'000;
    record.direction[1].wanted_bps = 1'000'000;
    record.direction[1].zone = 3;
    segment->publish(record);
    const auto state = last_record_state(wan);
    REQUIRE(state);
    CHECK(state->boot == shm::boot_id());
    CHECK(state->steady == SteadyTime(42ns));
    CHECK(state->law ==
          LawMemory{Millis(31), Millis(25), {Zone::green, Zone::red}, {7_mbit, 1_mbit}});
    std::remove(shm::object_path(wan).c_str());
    std::remove(shm::lock_path(wan).c_str());
}
