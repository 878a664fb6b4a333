#include "common/record/steering_fields.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/record/steering_counters.hpp"
#include "common/record/steering_states.hpp"
#include "shm/layout.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/record/golden_layout.hpp"

using namespace wanctl;

namespace {

const FieldInfo& field(std::string_view name) {
    const auto fields = steering_fields();
    const auto found = std::ranges::find(fields, name, &FieldInfo::name);
    REQUIRE(found != fields.end());
    return *found;
}

}  // namespace

TEST_CASE("the layout of a steering record and its hash are the committed ones") {
    CHECK(layout_text(steering_abi()) == file_text(WANCTL_GOLDEN_STEERING_LAYOUT));
}

TEST_CASE("a steering segment describes itself within the room for it") {
    CHECK(steering_abi().description.size() < shm::kDescriptionBytes + shm::kMoreDescriptionBytes);
    CHECK(steering_abi().counters.size() <= shm::kMaxCounters);
}

TEST_CASE("field and counter names of steering are unique and every unit is in a name") {
    std::set<std::string_view> names;
    for (const FieldInfo& each : steering_fields()) {
        CAPTURE(each.name);
        CHECK(names.insert(each.name).second);
        CHECK(each.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
              std::string_view::npos);
        CHECK_FALSE(each.help.empty());
        const bool time = each.unit == "ns" || each.unit == "us";
        CHECK((!time || each.name.ends_with(fmt::format("_{}", each.unit))));
    }
    std::set<std::string_view> counters;
    for (const CounterInfo& each : steering_counters()) CHECK(counters.insert(each.name).second);
}

TEST_CASE("values of a steering record are read from the places the table names") {
    SteeringRecord record;
    record.wan[1].drops = 7;
    record.wan[0].delta_us = -250;
    record.reason = static_cast<std::uint8_t>(SteeringReason::alt_worse);
    record.score = 85;
    record.points[static_cast<std::size_t>(Contributor::queue_high)] = 10;
    record.timer_left_us[static_cast<std::size_t>(SteeringTimer::recovery)] = 3'000'000;
    record.last_action = static_cast<std::uint8_t>(SteeringAction::disable);
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    CHECK(field_value(field("alt_drops"), bytes) == 7);
    CHECK(field_value(field("pri_delta_us"), bytes) == -250);
    CHECK(is_unknown(field("pri_drops"), field_value(field("pri_drops"), bytes)));
    CHECK(is_unknown(field("pri_dl_zone"), field_value(field("pri_dl_zone"), bytes)));
    CHECK(field("reason").names->of(19) == "alt_worse");
    CHECK(field_value(field("reason"), bytes) == 19);
    CHECK(field_value(field("score"), bytes) == 85);
    CHECK(field_value(field("points"), bytes, 6) == 10);
    CHECK(field_value(field("timer_left_us"), bytes, 2) == 3'000'000);
    CHECK(is_unknown(field("timer_left_us"), field_value(field("timer_left_us"), bytes, 0)));
    CHECK(field_value(field("last_action"), bytes) == 2);
}

TEST_CASE("every state of steering has a word, and a number without one is called invalid") {
    CHECK(name(SteeringReason::restored) == "restored");
    CHECK(name(SteeringTimer::primary_down) == "primary_down");
    CHECK(name(Contributor::wan_soft_red) == "WAN_SOFT_RED");
    CHECK(name(SourceState::refused) == "refused");
    CHECK(name(Usability::absent) == "absent");
    CHECK(name(RuleStatus::ambiguous) == "ambiguous");
    CHECK(name(SteeringPolicy::three_state) == "three-state");
    CHECK(name(static_cast<SteeringReason>(25)) == "invalid");
}
