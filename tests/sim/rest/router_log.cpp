#include "tests/sim/rest/router_log.hpp"

#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {

bool RouterLog::knows(std::string_view command) const {
    return command == "debug" || command == "error" || command == "info" || command == "warning";
}

std::vector<Record> RouterLog::records() const {
    return {entries_.begin(), entries_.end()};
}

Outcome<void> RouterLog::run(const std::string& command, const std::string&,
                             const Settings& settings, const std::string&) {
    for (const auto& [name, value] : settings) {
        if (name != "message") return refuse_unknown_parameter(name);
    }
    if (!settings.contains("message")) return refuse("missing =message=");
    append(fmt::format("script,{}", command), settings.at("message"));
    return {};
}

void RouterLog::append(const std::string& topics, const std::string& message) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.wall() + jumped_);
    const std::time_t stamp = seconds.time_since_epoch().count();
    entries_.push_back({{".id", format_id(next_id_++)},
                        {"extra-info", ""},
                        {"message", message},
                        {"time", fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(stamp))},
                        {"topics", topics}});
    if (entries_.size() > lines_) entries_.pop_front();
}

}  // namespace wanctl::sim
