// Rules of [[alert]] and [sink.NAME]. What is wrong in one of them leaves that one out, not the
// file.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "common/config/alert_config.hpp"
#include "common/config/rules.hpp"

namespace wanctl {

namespace {

constexpr std::array<std::string_view, kAlertTypes> kTypeWords{
    "congestion_download", "congestion_upload", "flapping_download", "flapping_upload",
    "wan_offline",         "reflectors_bad",    "baseline_drift",    "cycle_budget",
    "steering_on",         "steering_refused",  "flapping",          "router_lost",
    "history_lost"};
constexpr std::array<std::string_view, 3> kSeverityWords{"info", "warning", "critical"};
constexpr std::array<std::string_view, 4> kKindWords{"log", "json", "discord", "ntfy"};

// The parser has checked that it is one of them.
template <typename Enum, std::size_t N>
Enum value_of(const std::array<std::string_view, N>& words, std::string_view word) {
    const auto found = std::find(words.begin(), words.end(), word);
    return static_cast<Enum>(found == words.end() ? 0 : found - words.begin());
}

}  // namespace

std::string_view name(AlertType value) {
    return kTypeWords.at(static_cast<std::size_t>(value));
}
std::string_view name(AlertSeverity value) {
    return kSeverityWords.at(static_cast<std::size_t>(value));
}
std::string_view name(SinkKind value) {
    return kKindWords.at(static_cast<std::size_t>(value));
}

const SinkConfig* AlertConfig::sink(std::string_view wanted) const {
    const auto found = std::find_if(sinks.begin(), sinks.end(),
                                    [&](const SinkConfig& each) { return each.name == wanted; });
    return found == sinks.end() ? nullptr : &*found;
}

namespace config {

namespace {

constexpr std::string_view kSinkPrefix = "sink.";

SinkConfig sink_of(CheckedFile& file, const CheckedSection& section) {
    SinkConfig out;
    out.name = section.name().substr(kSinkPrefix.size());
    out.kind = value_of<SinkKind>(kKindWords, section.text("kind"));
    out.url_file = section.text("url_file");
    out.ca_file = section.text("ca_file");
    if (!is_credential_name(out.name)) {
        file.error(section, "", "is no name for a sink, allowed: letters, digits and . _ -");
    }
    if (!section.good({"kind", "url_file", "ca_file"})) return out;
    const bool to_log = out.kind == SinkKind::log;
    if (to_log && !(out.url_file.empty() && out.ca_file.empty())) {
        file.error(section, out.url_file.empty() ? "ca_file" : "url_file",
                   "is set, but the log has no URL, allowed: kind = \"json\", \"discord\" or "
                   "\"ntfy\" with it");
    } else if (!to_log && out.url_file.empty() && !section.given("url")) {
        file.error(section, "url_file",
                   fmt::format("is required with kind = \"{}\", allowed: the absolute path of a "
                               "file whose first line is the URL",
                               name(out.kind)));
    } else if (!out.url_file.empty() && !is_absolute_path(out.url_file)) {
        file.error(section, "url_file",
                   "is not an absolute path (its value is not shown), allowed: \"/path\"");
    }
    if (!out.ca_file.empty() && !is_absolute_path(out.ca_file)) {
        file.error(section, "ca_file", "is not an absolute path, allowed: \"/path\" or \"\"");
    }
    return out;
}

// The sinks of a rule that are there; a name that no section has is the rule's error, a section
// that is left out is not, unless nothing remains.
std::vector<std::string> sinks_of(CheckedFile& file, const CheckedSection& rule,
                                  const AlertConfig& config) {
    const std::vector<std::string> named = rule.texts("sinks");
    std::vector<std::string> out;
    for (const std::string& each : named) {
        if (config.sink(each) != nullptr) {
            if (std::find(out.begin(), out.end(), each) == out.end()) out.push_back(each);
            continue;
        }
        const bool known = std::any_of(file.sections.begin(), file.sections.end(),
                                       [&](const CheckedSection& section) {
                                           return section.name() == std::string(kSinkPrefix) + each;
                                       });
        if (known) continue;
        std::string there;
        for (const SinkConfig& sink : config.sinks) there += fmt::format(" \"{}\"", sink.name);
        file.error(rule, "sinks",
                   fmt::format("{} is no sink of this file, allowed: names of [sink.NAME] "
                               "sections (there are:{})",
                               // Anything else may be the URL itself.
                               is_credential_name(each) ? fmt::format("\"{}\"", each) : "an entry",
                               there.empty() ? " none" : there));
    }
    if (!named.empty() && out.empty() && !rule.left_out) {
        file.error(rule, "sinks",
                   "names only sinks that are left out themselves, allowed: one that is right");
    }
    return out;
}

AlertRule rule_at(CheckedFile& file, const CheckedSection& section, const AlertConfig& config) {
    AlertRule out;
    out.type = value_of<AlertType>(kTypeWords, section.text("type"));
    out.severity = value_of<AlertSeverity>(kSeverityWords, section.text("severity"));
    out.sustain = from_ms(section.number("sustain_s") * 1e3);
    out.cooldown = from_ms(section.number("cooldown_s") * 1e3);
    if (section.good({"sinks"})) out.sinks = sinks_of(file, section, config);
    return out;
}

}  // namespace

AlertConfig alerts_of(CheckedFile& file) {
    AlertConfig out;
    for (const CheckedSection& section : file.sections) {
        if (section.spec().name != "sink") continue;
        SinkConfig sink = sink_of(file, section);
        if (!section.left_out) out.sinks.push_back(std::move(sink));
    }
    for (const CheckedSection& section : file.sections) {
        if (section.spec().name != "alert") continue;
        AlertRule rule = rule_at(file, section, out);
        if (section.left_out || !section.boolean("enabled")) continue;
        if (out.rules.size() == kMostAlertRules) {
            file.error(section, "", fmt::format("is one too many, allowed: {}", kMostAlertRules));
            continue;
        }
        out.rules.push_back(std::move(rule));
    }
    return out;
}

}  // namespace config

}  // namespace wanctl
