#include "common/alert/kept_alerts.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "common/state/members.hpp"

namespace wanctl::alert {

namespace {

using std::chrono::milliseconds;

// Milliseconds that nanoseconds can tell.
constexpr std::int64_t kLatestMs =
    std::chrono::floor<milliseconds>(Nanos(std::numeric_limits<std::int64_t>::max() / 2)).count();

Nanos wall_ahead(const Clock& clock) {
    return clock.wall().time_since_epoch() - clock.steady().time_since_epoch();
}

// Of sinks' names, so that the text does not become too long for a state file.
constexpr std::size_t kRoomForSinks = std::size_t{16} * 1024;

// For its end without its rule; those of sinks that `room` is too small for go to the log.
void put_way(state::Writer& writer, const KeptAlert& alert, std::size_t& room) {
    state::put(writer, "severity", name(alert.severity));
    state::key(writer, "sinks");
    writer.StartArray();
    for (const std::string& sink : alert.sinks) {
        if (sink.size() > room) break;
        room -= sink.size();
        writer.String(sink.data(), static_cast<rapidjson::SizeType>(sink.size()));
    }
    writer.EndArray();
}

std::string text_of(std::span<const KeptAlert> kept, Nanos ahead) {
    rapidjson::StringBuffer buffer;
    state::Writer writer(buffer);
    // Rounded, or each life of the daemon would take a little off. A moment before the wall clock's
    // epoch means a wall clock that was never set.
    const auto ms = [ahead](SteadyTime moment) {
        const auto rounded = std::chrono::round<milliseconds>(moment.time_since_epoch() + ahead);
        return std::max<std::int64_t>(rounded.count(), 0);
    };
    std::size_t room = kRoomForSinks;
    writer.StartArray();
    for (const KeptAlert& each : kept) {
        writer.StartObject();
        state::put(writer, "type", name(each.type));
        state::put(writer, "place", static_cast<std::int64_t>(each.place));
        state::put(writer, "raised", std::int64_t{each.raised ? 1 : 0});
        state::put(writer, "since_ms", ms(each.since));
        state::put(writer, "last_ms", ms(each.last));
        if (each.raised) put_way(writer, each, room);
        writer.EndObject();
    }
    writer.EndArray();
    return buffer.GetString();
}

std::optional<AlertType> type_named(std::string_view word) {
    for (std::size_t i = 0; i < kAlertTypes; ++i)
        if (const auto type = static_cast<AlertType>(i); name(type) == word) return type;
    return std::nullopt;
}

// What is unreadable here costs no alert: it ends at the log.
void read_way(const rapidjson::Value& object, KeptAlert& alert) {
    const std::string severity = state::Reader(object).text("severity");
    for (const auto each : {AlertSeverity::info, AlertSeverity::critical})
        if (name(each) == severity) alert.severity = each;
    const auto sinks = object.FindMember("sinks");
    if (sinks == object.MemberEnd() || !sinks->value.IsArray()) return;
    for (const rapidjson::Value& sink : sinks->value.GetArray())
        if (sink.IsString()) alert.sinks.emplace_back(sink.GetString(), sink.GetStringLength());
}

}  // namespace

StateKeeper::State kept_text(std::span<const KeptAlert> kept, const Clock& clock) {
    return {text_of(kept, Nanos(0)), text_of(kept, wall_ahead(clock))};
}

std::vector<KeptAlert> kept_alerts(std::string_view state, const Clock& clock) {
    std::vector<KeptAlert> kept;
    rapidjson::Document document;
    if (!state::parse_object(document, state)) return kept;
    if (!document.HasMember("alerts") || !document["alerts"].IsArray()) return kept;
    const Nanos ahead = wall_ahead(clock);
    const auto moment = [&](std::int64_t ms) {
        return std::min(SteadyTime(Nanos(milliseconds(ms)) - ahead), clock.steady());
    };
    for (const rapidjson::Value& each : document["alerts"].GetArray()) {
        if (!each.IsObject() || kept.size() == kMostAlertRules) continue;
        state::Reader reader(each);
        KeptAlert alert;
        const auto type = type_named(reader.text("type"));
        alert.place = static_cast<std::size_t>(reader.integer("place", 0, kMostAlertRules - 1));
        alert.raised = reader.integer("raised", 0, 1) == 1;
        alert.since = moment(reader.integer("since_ms", 0, kLatestMs));
        alert.last = moment(reader.integer("last_ms", 0, kLatestMs));
        if (!type || !reader.fault().empty()) continue;
        alert.type = *type;
        if (alert.raised) read_way(each, alert);
        kept.push_back(std::move(alert));
    }
    return kept;
}

}  // namespace wanctl::alert
