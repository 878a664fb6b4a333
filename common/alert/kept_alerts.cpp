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

std::string text_of(std::span<const KeptAlert> kept, Nanos ahead) {
    rapidjson::StringBuffer buffer;
    state::Writer writer(buffer);
    const auto ms = [ahead](SteadyTime moment) {
        return std::chrono::floor<milliseconds>(moment.time_since_epoch() + ahead).count();
    };
    writer.StartArray();
    for (const KeptAlert& each : kept) {
        writer.StartObject();
        state::put(writer, "type", name(each.type));
        state::put(writer, "raised", std::int64_t{each.raised ? 1 : 0});
        state::put(writer, "since_ms", ms(each.since));
        state::put(writer, "last_ms", ms(each.last));
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
        const auto type = type_named(reader.text("type"));
        const bool raised = reader.integer("raised", 0, 1) == 1;
        const SteadyTime since = moment(reader.integer("since_ms", 0, kLatestMs));
        const SteadyTime last = moment(reader.integer("last_ms", 0, kLatestMs));
        if (type && reader.fault().empty()) kept.push_back({*type, raised, since, last});
    }
    return kept;
}

}  // namespace wanctl::alert
