#include "common/config/settings.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "common/config/rules.hpp"

namespace wanctl {

namespace config {

namespace {

struct ToText {
    std::string operator()(std::monostate) const { return "default"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(const std::string& value) const { return fmt::format("\"{}\"", value); }
    std::string operator()(const List& list) const {
        std::string text;
        for (const Value& each : list)
            text += (text.empty() ? "" : ", ") + std::visit(ToText{}, each.data);
        return fmt::format("[{}]", text);
    }
    std::string operator()(const Table& table) const {
        std::map<std::string, std::string> sorted;
        for (const Entry& each : table.entries)
            sorted[each.key] = std::visit(ToText{}, each.value.data);
        std::string text;
        for (const auto& [key, value] : sorted)
            text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key, value);
        return fmt::format("{{ {} }}", text);
    }
    std::string operator()(const Foreign& value) const { return value.name; }
};

// A path in place of which somebody may have put the secret itself.
bool leads_to_secret(std::string_view key) {
    for (const std::string_view word : {"password", "credential", "token", "url_file"})
        if (key.find(word) != key.npos) return true;
    return false;
}

}  // namespace

std::vector<Setting> settings_of(const CheckedFile& file) {
    std::vector<Setting> settings;
    std::map<std::string, int> seen;
    for (const CheckedSection& section : file.sections) {
        // Of an array of sections each has its number.
        const int number = seen[section.name()]++;
        for (const CheckedKey& key : section.keys) {
            std::string name = section.full_key(key.spec->key);
            if (number > 0) name += fmt::format("[{}]", number);
            settings.push_back({std::move(name), std::visit(ToText{}, key.value.data),
                                leads_to_secret(key.spec->key)});
        }
    }
    return settings;
}

}  // namespace config

std::vector<SettingChange> differences(const std::vector<Setting>& before,
                                       const std::vector<Setting>& after) {
    const auto find = [](const std::vector<Setting>& in, const std::string& key) {
        return std::find_if(in.begin(), in.end(),
                            [&key](const Setting& each) { return each.key == key; });
    };
    const auto shown = [](const Setting& setting) {
        return setting.secret ? std::string() : setting.value;
    };
    std::vector<SettingChange> changes;
    for (const Setting& old : before) {
        const auto now = find(after, old.key);
        if (now == after.end())
            changes.push_back({old.key, shown(old), {}});
        else if (now->value != old.value)
            changes.push_back({old.key, shown(old), shown(*now)});
    }
    for (const Setting& now : after)
        if (find(before, now.key) == before.end()) changes.push_back({now.key, {}, shown(now)});
    return changes;
}

bool concerns(const SettingChange& change, std::string_view prefix) {
    const std::string_view key = change.key;
    return key.substr(0, prefix.size()) == prefix &&
           (key.size() == prefix.size() || key[prefix.size()] == '.');
}

}  // namespace wanctl
