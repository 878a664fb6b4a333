#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/states.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/record/golden_layout.hpp"

using namespace wanctl;

namespace {

std::vector<FieldInfo> copy_of_fields() {
    const auto fields = cycle_fields();
    return {fields.begin(), fields.end()};
}

const FieldInfo& field(std::string_view name) {
    const auto fields = cycle_fields();
    return *std::ranges::find(fields, name, &FieldInfo::name);
}

}  // namespace

TEST_CASE("the layout and its hash are the committed ones") {
    CHECK(layout_text(cycle_abi()) == file_text(WANCTL_GOLDEN_LAYOUT));
}

TEST_CASE("every byte of the record belongs to exactly one field") {
    std::vector<int> owners(sizeof(CycleRecord), 0);
    for (const FieldInfo& each : cycle_fields()) {
        for (std::uint32_t i = 0; i < each.count * size_of(each.type); ++i) {
            ++owners.at(each.offset + i);
        }
    }
    CHECK(std::ranges::count(owners, 1) == static_cast<std::ptrdiff_t>(sizeof(CycleRecord)));
}

TEST_CASE("field and counter names are unique and written in snake_case") {
    std::set<std::string_view> names;
    for (const FieldInfo& each : cycle_fields()) {
        CHECK(names.insert(each.name).second);
        CHECK(each.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
              std::string_view::npos);
        CHECK_FALSE(each.help.empty());
    }
    std::set<std::string_view> counters;
    for (const CounterInfo& each : cycle_counters()) CHECK(counters.insert(each.name).second);
}

TEST_CASE("values are read from the places the table names") {
    CycleRecord record;
    record.slot = 7;
    record.rtt_us = -5;
    record.reflector_rtt_us[2] = 33;
    record.direction[1].wanted_bps = 12'000'000;
    record.direction[0].zone = static_cast<std::uint8_t>(Zone::soft_red);
    record.queue[1].dropped = 99;
    record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)] = 1234;
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    CHECK(field_value(field("slot"), bytes) == 7);
    CHECK(field_value(field("rtt_us"), bytes) == -5);
    CHECK(field_value(field("reflector_rtt_us"), bytes, 2) == 33);
    CHECK(is_unknown(field("reflector_rtt_us"), field_value(field("reflector_rtt_us"), bytes, 3)));
    CHECK(field_value(field("ul_wanted_bps"), bytes) == 12'000'000);
    CHECK(field_value(field("dl_zone"), bytes) == 2);
    CHECK(field_value(field("ul_queue_dropped"), bytes) == 99);
    CHECK(field_value(field("stage_ns"), bytes, 5) == 1234);
}

TEST_CASE("a field appended in reserved space keeps the hash, any other change makes a new one") {
    const std::uint64_t hash = layout_hash(cycle_fields());
    std::vector<FieldInfo> appended = copy_of_fields();
    FieldInfo& reserved = appended.back();
    FieldInfo fresh = reserved;
    fresh.name = "added_later";
    fresh.role = FieldRole::number;
    fresh.type = FieldType::u64;
    fresh.count = 1;
    fresh.since = 2;
    reserved.offset += 8;
    reserved.count -= 8;
    appended.insert(appended.end() - 1, fresh);
    CHECK(covers(appended, sizeof(CycleRecord)));
    CHECK(layout_hash(appended) == hash);

    std::vector<FieldInfo> renamed = copy_of_fields();
    renamed[3].name = "other";
    CHECK(layout_hash(renamed) != hash);
    std::vector<FieldInfo> moved = copy_of_fields();
    moved[3].offset += 1;
    CHECK(layout_hash(moved) != hash);
    CHECK_FALSE(covers(moved, sizeof(CycleRecord)));
    std::vector<FieldInfo> retyped = copy_of_fields();
    retyped[0].type = FieldType::u64;
    CHECK(layout_hash(retyped) != hash);
}

TEST_CASE("every state has a word, and a number without one is called invalid") {
    CHECK(name(Zone::soft_red) == "SOFT_RED");
    CHECK(name(MeasurementState::blackout) == "blackout");
    CHECK(name(RouterState::untrusted) == "untrusted");
    CHECK(name(TransitionReason::at_target) == "at_target");
    CHECK(name(StampSource::kernel_rx) == "kernel_rx");
    CHECK(name(WriteOutcome::unreachable) == "unreachable");
    CHECK(name(static_cast<Zone>(4)) == "invalid");
}
