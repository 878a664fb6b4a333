#include "common/alert/post.hpp"

#include <ctime>

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/printable.hpp"
#include "common/version.hpp"

namespace wanctl::alert {

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr int kDiscordRed = 0xe74c3c;
constexpr int kDiscordOrange = 0xf39c12;
constexpr int kDiscordGreen = 0x2ecc71;
constexpr int kDiscordBlue = 0x3498db;

void put(Writer& to, std::string_view text) {
    const std::string safe = printable(text);
    to.String(safe.data(), static_cast<rapidjson::SizeType>(safe.size()));
}
void put(Writer& to, std::string_view key, std::string_view value) {
    put(to, key);
    put(to, value);
}

std::string value_text(const Detail& detail) {
    if (const auto* number = std::get_if<double>(&detail.value)) return fmt::format("{}", *number);
    return std::get<std::string>(detail.value);
}

Post json(const Message& message) {
    rapidjson::StringBuffer buffer;
    Writer to(buffer);
    to.StartObject();
    put(to, "version");
    to.Int(1);
    put(to, "type", message.type);
    put(to, "phase", name(message.phase));
    put(to, "severity", name(message.severity));
    put(to, "program", message.program);
    put(to, "wan", message.wan);
    put(to, "time", utc_text(message.at));
    put(to, "lasted_s");
    to.Double(to_seconds(message.lasted));
    put(to, "unheeded");
    to.Uint(message.unheeded);
    put(to, "text", message.text);
    put(to, "details");
    to.StartObject();
    for (const Detail& detail : message.details) {
        put(to, detail.key);
        if (const auto* number = std::get_if<double>(&detail.value))
            to.Double(*number);
        else
            put(to, std::get<std::string>(detail.value));
    }
    to.EndObject();
    to.EndObject();
    return {buffer.GetString(), {"Content-Type: application/json"}};
}

int discord_color(const Message& message) {
    if (message.phase == Phase::recovered) return kDiscordGreen;
    switch (message.severity) {
        case AlertSeverity::info:
            return kDiscordBlue;
        case AlertSeverity::warning:
            return kDiscordOrange;
        case AlertSeverity::critical:
            break;
    }
    return kDiscordRed;
}

Post discord(const Message& message) {
    rapidjson::StringBuffer buffer;
    Writer to(buffer);
    to.StartObject();
    put(to, "username", "wanctl");
    // Nothing in a message may ring everybody.
    put(to, "allowed_mentions");
    to.StartObject();
    put(to, "parse");
    to.StartArray();
    to.EndArray();
    to.EndObject();
    put(to, "embeds");
    to.StartArray();
    to.StartObject();
    put(to, "title",
        fmt::format("{} {} ({})", message.type, name(message.phase), name(message.severity)));
    put(to, "description", message.text);
    put(to, "color");
    to.Int(discord_color(message));
    put(to, "timestamp", utc_text(message.at));
    put(to, "fields");
    to.StartArray();
    for (const Detail& detail : message.details) {
        to.StartObject();
        put(to, "name", detail.key);
        put(to, "value", value_text(detail));
        put(to, "inline");
        to.Bool(true);
        to.EndObject();
    }
    to.EndArray();
    put(to, "footer");
    to.StartObject();
    put(to, "text", fmt::format("{} {}", message.program, kVersion));
    to.EndObject();
    to.EndObject();
    to.EndArray();
    to.EndObject();
    return {buffer.GetString(), {"Content-Type: application/json"}};
}

Post ntfy(const Message& message) {
    struct Look {
        std::string_view priority;
        std::string_view tag;
    };
    const auto look = [&]() -> Look {
        if (message.phase == Phase::recovered) return {"default", "white_check_mark"};
        switch (message.severity) {
            case AlertSeverity::info:
                return {"default", "information_source"};
            case AlertSeverity::warning:
                return {"high", "warning"};
            case AlertSeverity::critical:
                break;
        }
        return {"urgent", "rotating_light"};
    }();
    std::string body = message.text;
    for (const Detail& detail : message.details)
        body += fmt::format("\n{}: {}", detail.key, printable(value_text(detail)));
    return {std::move(body),
            {fmt::format("Title: wanctl {}: {} {}", message.wan, message.type, name(message.phase)),
             fmt::format("Priority: {}", look.priority), fmt::format("Tags: {}", look.tag),
             "Content-Type: text/plain; charset=utf-8"}};
}

}  // namespace

std::string utc_text(WallTime at) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
    const auto whole = std::chrono::floor<std::chrono::seconds>(ms);
    const std::time_t time = whole.count();
    std::tm parts{};
    gmtime_r(&time, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       (ms - whole).count());
}

Post post_of(const Message& message, SinkKind kind) {
    if (kind == SinkKind::discord) return discord(message);
    if (kind == SinkKind::ntfy) return ntfy(message);
    return json(message);
}

}  // namespace wanctl::alert
