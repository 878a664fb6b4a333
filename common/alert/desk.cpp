#include "common/alert/desk.hpp"

#include <algorithm>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/alert/post.hpp"

namespace wanctl::alert {

namespace {

LogLevel level_of(const Message& message) {
    if (message.phase == Phase::recovered) return LogLevel::info;
    switch (message.severity) {
        case AlertSeverity::info:
            return LogLevel::info;
        case AlertSeverity::warning:
            return LogLevel::warning;
        case AlertSeverity::critical:
            break;
    }
    return LogLevel::error;
}

}  // namespace

std::string outcome_json(const Outcome& outcome) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> to(buffer);
    const auto text = [&to](const char* key, std::string_view value) {
        to.Key(key);
        to.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    };
    to.StartObject();
    text("type", outcome.message.type);
    text("phase", name(outcome.message.phase));
    text("severity", name(outcome.message.severity));
    text("sink", outcome.sink);
    text("outcome", name(outcome.delivery));
    to.Key("attempts");
    to.Int(outcome.attempts);
    text("text", outcome.message.text);
    to.EndObject();
    return buffer.GetString();
}

Desk::Desk(const Surroundings& around, std::vector<SinkConfig> sinks) : around_(around) {
    build(std::move(sinks));
}

void Desk::build(std::vector<SinkConfig> sinks) {
    std::vector<std::unique_ptr<Sender>> before = std::exchange(senders_, {});
    sinks_ = std::move(sinks);
    auto seed = static_cast<std::uint32_t>(around_.clock.wall().time_since_epoch().count());
    for (const SinkConfig& sink : sinks_) {
        if (sink.kind == SinkKind::log) continue;
        const auto same = std::find_if(before.begin(), before.end(), [&](const auto& sender) {
            return sender && sender->config() == sink;
        });
        if (same != before.end()) {
            senders_.push_back(std::move(*same));
            continue;
        }
        senders_.push_back(std::make_unique<Sender>(
            around_, sink, ++seed,
            [this, name = sink.name](const Ended& end) { ended(name, end); }));
    }
    for (const auto& sender : before)
        if (sender) sender->drop_all();
}

void Desk::reconfigure(std::vector<SinkConfig> sinks) {
    build(std::move(sinks));
}

void Desk::close() {
    for (const auto& sender : senders_) sender->drop_all();
}

void Desk::tell(Message message, const std::vector<std::string>& sinks) {
    const auto shared = std::make_shared<const Message>(std::move(message));
    if (sinks.empty()) return log(*shared, kLogSink);
    bool gone = false;
    for (const std::string& name : sinks) {
        const auto sender = std::find_if(senders_.begin(), senders_.end(), [&](const auto& each) {
            return each->config().name == name;
        });
        if (sender != senders_.end())
            (*sender)->send(shared);
        else if (std::any_of(sinks_.begin(), sinks_.end(),
                             [&](const SinkConfig& each) { return each.name == name; }))
            log(*shared, name);
        else
            gone = true;
    }
    if (gone) log(*shared, kLogSink);
}

void Desk::log(const Message& message, std::string_view sink) {
    around_.log.log(level_of(message), "alert",
                    {{"type", message.type},
                     {"phase", name(message.phase)},
                     {"severity", name(message.severity)},
                     {"message", message.text}});
    if (on_outcome_) on_outcome_({message, sink, Delivery::delivered, 1});
}

void Desk::ended(std::string_view sink, const Ended& ended) {
    const Message& message = *ended.message;
    const bool good = ended.delivery == Delivery::delivered;
    around_.log.log(good ? LogLevel::info : LogLevel::warning,
                    good ? "alert delivered" : "alert not delivered",
                    {{"sink", sink},
                     {"type", message.type},
                     {"phase", name(message.phase)},
                     {"outcome", name(ended.delivery)},
                     {"attempts", ended.attempts},
                     {"message", message.text}});
    if (on_outcome_) on_outcome_({message, sink, ended.delivery, ended.attempts});
}

}  // namespace wanctl::alert
