// Writers that the programs under test were not compiled with: the next minor version, and another
// build of the same one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "common/record/cycle_fields.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shm/scratch.hpp"

namespace wanctl::test {

// The cycle record of a later minor version: the last reserved bytes have got a meaning,
// and the router a state more.
inline constexpr std::size_t kAddedAt = kRecordBytes - 16;
struct NextRecord {
    std::byte known[kAddedAt];
    std::uint32_t jitter_us;
    std::uint8_t weather;
    std::byte reserved[11];
};
static_assert(sizeof(NextRecord) == kRecordBytes);
static_assert(kAddedAt == offsetof(NextRecord, jitter_us));

inline constexpr std::array<std::string_view, 3> kWeatherWords{"sun", "rain", "storm"};
inline constexpr NameTable kWeather{"weather", kWeatherWords};

inline constexpr std::array<std::string_view, 12> kNextRouterWords = [] {
    std::array<std::string_view, 12> words{};
    static_assert(words.size() == names::kRouterWords.size() + 1);
    std::copy(names::kRouterWords.begin(), names::kRouterWords.end(), words.begin());
    words.back() = "rebooting";
    return words;
}();
inline constexpr NameTable kNextRouter{"router", kNextRouterWords};
inline constexpr std::uint8_t kRebooting = kNextRouterWords.size() - 1;

// `fields` is where its table lives.
inline RecordAbi next_abi(std::vector<FieldInfo>& fields) {
    RecordAbi abi = cycle_abi();
    fields.assign(abi.fields.begin(), abi.fields.end());
    for (FieldInfo& field : fields) {
        if (field.names == &names::kRouter) field.names = &kNextRouter;
    }
    FieldInfo reserved = fields.back();
    REQUIRE(reserved.role == FieldRole::reserved);
    REQUIRE(reserved.offset < kAddedAt);
    fields.back().count = static_cast<std::uint32_t>(kAddedAt) - reserved.offset;
    FieldInfo jitter;
    jitter.name = "jitter_us";
    jitter.type = field_type<decltype(NextRecord::jitter_us)>();
    jitter.offset = offsetof(NextRecord, jitter_us);
    jitter.unit = "us";
    jitter.help = "how much the RTT varies";
    jitter.since = 2;
    fields.push_back(jitter);
    FieldInfo weather = jitter;
    weather.name = "weather";
    weather.type = field_type<decltype(NextRecord::weather)>();
    weather.offset = offsetof(NextRecord, weather);
    weather.unit = "";
    weather.role = FieldRole::enumeration;
    weather.names = &kWeather;
    fields.push_back(weather);
    reserved.name = "reserved_rest";
    reserved.offset = offsetof(NextRecord, reserved);
    reserved.count = sizeof(NextRecord::reserved);
    fields.push_back(reserved);
    REQUIRE(covers(fields, kRecordBytes));
    abi.minor += 1;
    abi.version = 2;
    abi.fields = fields;
    abi.description = self_description(abi, Detail::full);
    return abi;
}

inline NextRecord next_record(std::uint64_t slot) {
    NextRecord record{};
    const CycleRecord known = record_of(slot);
    std::memcpy(&record, &known, kAddedAt);
    record.jitter_us = 1'250;
    record.weather = 2;
    return record;
}

// One field has another name, so its layout hash is another.
inline RecordAbi other_build_abi(std::vector<FieldInfo>& fields) {
    RecordAbi abi = cycle_abi();
    fields.assign(abi.fields.begin(), abi.fields.end());
    for (FieldInfo& field : fields) {
        if (field.name == "rtt_us") field.name = "round_trip_us";
    }
    abi.fields = fields;
    abi.layout_hash = layout_hash(abi.facts, "@", layout_hash(fields));
    abi.description = self_description(abi, Detail::full);
    return abi;
}

}  // namespace wanctl::test
