#include "common/history/event_text.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace wanctl::history {

namespace {

constexpr std::string_view kSecret = "(secret)";

class Json {
  public:
    Json() { writer_.StartObject(); }
    void key(std::string_view text) {
        writer_.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    }
    void add(std::string_view name, std::string_view value) {
        key(name);
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    void begin(std::string_view name) {
        key(name);
        writer_.StartObject();
    }
    void end() { writer_.EndObject(); }
    [[nodiscard]] std::string text() {
        end();
        return {buffer_.GetString(), buffer_.GetSize()};
    }

  private:
    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

void add_settings(Json& json, std::span<const Setting> settings) {
    json.begin("config");
    for (const Setting& each : settings)
        json.add(each.key, each.secret ? kSecret : std::string_view(each.value));
    json.end();
}

}  // namespace

std::string json_object(const JsonMembers& members) {
    Json json;
    for (const auto& [name, value] : members) json.add(name, value);
    return json.text();
}

Event start_event(std::int64_t at_ms, std::string_view version, std::span<const Setting> settings) {
    Json json;
    json.add("version", version);
    add_settings(json, settings);
    return {at_ms, "start", json.text()};
}

Event reload_event(std::int64_t at_ms, std::span<const SettingChange> changes,
                   std::span<const Setting> settings) {
    Json json;
    json.begin("changed");
    for (const SettingChange& each : changes) {
        const bool secret = each.from.empty() && each.to.empty();
        json.add(each.key, secret ? kSecret : std::string_view(each.to));
    }
    json.end();
    add_settings(json, settings);
    return {at_ms, "reload", json.text()};
}

Event stop_event(std::int64_t at_ms, std::string_view on_exit) {
    return {at_ms, "stop", json_object({{"on_exit", std::string(on_exit)}})};
}

}  // namespace wanctl::history
