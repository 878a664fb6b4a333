#include "steering/replay_row.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "common/record/state_names.hpp"
#include "common/replay/json_lines.hpp"

namespace wanctl::steering {

namespace {

using replay::number;

constexpr double kLongestDeltaMs = 600'000.0;
constexpr double kMostPackets = 1e9;
constexpr double kLatestT = 9e9;  // seconds; later ones do not fit nanoseconds
constexpr std::size_t kLongestQuote = 40;

std::string_view text_of(const rapidjson::Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

const rapidjson::Value* member(const rapidjson::Value& row, const char* key) {
    const auto found = row.FindMember(key);
    return found == row.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
}

tl::unexpected<Error> unfit(const char* key, std::string_view allowed) {
    return fail(ErrorKind::invalid_input,
                fmt::format("\"{}\" does not fit, allowed: {}", key, allowed));
}

// A number within bounds, or null.
Result<std::optional<double>> number_or_null(const rapidjson::Value& row, const char* key,
                                             double least, double most) {
    const auto found = row.FindMember(key);
    if (found != row.MemberEnd() && found->value.IsNull()) return std::optional<double>();
    const auto value = number(row, key);
    if (!value) return tl::unexpected(value.error());
    if (!(*value >= least && *value <= most)) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\" is {}, allowed are {} to {}", key, *value, least, most));
    }
    return std::optional<double>(*value);
}

template <std::size_t N>
std::optional<std::size_t> index_of(const std::array<std::string_view, N>& words,
                                    const rapidjson::Value& value) {
    if (!value.IsString()) return std::nullopt;
    const auto found = std::find(words.begin(), words.end(), text_of(value));
    if (found == words.end()) return std::nullopt;
    return static_cast<std::size_t>(found - words.begin());
}

Assessment assessment_of(Zone zone) {
    switch (zone) {
        case Zone::green:
            return Assessment::green;
        case Zone::yellow:
            return Assessment::yellow;
        case Zone::soft_red:
            return Assessment::soft_red;
        case Zone::red:
            break;
    }
    return Assessment::red;
}

// Nothing when the key is absent or null.
Result<std::optional<Zone>> zone_of(const rapidjson::Value& row, const char* key) {
    const rapidjson::Value* value = member(row, key);
    if (value == nullptr) return std::optional<Zone>();
    const auto index = index_of(names::kZoneWords, *value);
    if (!index) {
        const std::string_view given = value->IsString() ? text_of(*value) : "no text";
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\" is {}, allowed: GREEN, YELLOW, SOFT_RED, RED", key,
                                given.substr(0, kLongestQuote)));
    }
    return std::optional(static_cast<Zone>(*index));
}

Result<void> read_measurement(const rapidjson::Value& row, LineReading& reading) {
    const rapidjson::Value* value = member(row, "measurement");
    if (value == nullptr) return {};
    const auto index = index_of(names::kMeasurementWords, *value);
    if (!index) return unfit("measurement", "none, fresh, blind, blackout");
    reading.measurement = static_cast<MeasurementState>(*index);
    return {};
}

Result<void> read_delta(const rapidjson::Value& row, LineReading& reading) {
    const auto delta = number_or_null(row, "delta_ms", -kLongestDeltaMs, kLongestDeltaMs);
    if (!delta) return tl::unexpected(delta.error());
    if (*delta) reading.delta = from_ms(**delta);
    return {};
}

Result<void> read_queue(const rapidjson::Value& row, LineReading& reading) {
    const auto drops = number_or_null(row, "drops", 0, kMostPackets);
    if (!drops) return tl::unexpected(drops.error());
    const auto queue = number_or_null(row, "queue", 0, kMostPackets);
    if (!queue) return tl::unexpected(queue.error());
    if (*drops && *queue) {
        reading.queue =
            QueueReading{reading.at,
                         {static_cast<std::int32_t>(**drops), static_cast<std::int32_t>(**queue)},
                         {}};
    }
    return {};
}

Result<void> read_alternate_object(const rapidjson::Value& value, LineReading& reading) {
    const auto zone = zone_of(value, "zone");
    if (!zone) return tl::unexpected(zone.error());
    reading.zone = *zone;
    if (value.HasMember("delta_ms")) {
        if (auto done = read_delta(value, reading); !done) return done;
    }
    return read_measurement(value, reading);
}

Result<void> read_alternate(const rapidjson::Value& row, ReplayRow& out) {
    const rapidjson::Value* value = member(row, "alternate");
    if (value == nullptr) return {};
    out.alternate_source = SourceState::live;
    LineReading reading;
    reading.at = out.at;
    if (value->IsObject()) {
        if (const auto done = read_alternate_object(*value, reading); !done) {
            return fail(ErrorKind::invalid_input, "\"alternate\": " + done.error().message);
        }
    } else if (value->IsString() && text_of(*value) == "SILENT") {
        out.alternate_source = SourceState::stale;
        return {};
    } else if (value->IsString() && text_of(*value) == "BLACKOUT") {
        reading.measurement = MeasurementState::blackout;
    } else {
        const auto zone = index_of(names::kZoneWords, *value);
        if (!zone) {
            return unfit("alternate",
                         "GREEN, YELLOW, SOFT_RED, RED, BLACKOUT, SILENT, null or an object");
        }
        reading.zone = static_cast<Zone>(*zone);
    }
    out.alternate = reading;
    return {};
}

}  // namespace

Result<ReplayRow> replay_row(const rapidjson::Value& row, bool needs_zone) {
    ReplayRow out;
    const auto t = number(row, "t");
    if (!t) return tl::unexpected(t.error());
    if (!(*t >= -kLatestT && *t <= kLatestT)) return unfit("t", "seconds");
    out.t = *t;
    out.at = SteadyTime{from_ms(*t * 1e3)};
    out.primary.at = out.at;
    if (needs_zone) {
        const auto zone = zone_of(row, "zone");
        if (!zone) return tl::unexpected(zone.error());
        if (!*zone) return fail(ErrorKind::invalid_input, "\"zone\" is missing");
        out.primary.assessed = assessment_of(**zone);
    }
    const auto own = zone_of(row, "wan_zone");
    if (!own) return tl::unexpected(own.error());
    out.primary.zone = *own;
    for (const auto read : {read_delta, read_queue, read_measurement}) {
        if (const auto done = read(row, out.primary); !done) return tl::unexpected(done.error());
    }
    if (const auto done = read_alternate(row, out); !done) return tl::unexpected(done.error());
    return out;
}

}  // namespace wanctl::steering
