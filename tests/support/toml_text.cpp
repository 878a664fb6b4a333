#include "tests/support/toml_text.hpp"

#include <utility>

#include <fmt/format.h>

namespace wanctl::test {
namespace {

// Keys on the top level have the section "", which sorts first, as TOML needs it.
std::pair<std::string, std::string> split(const std::string& key) {
    const auto dot = key.rfind('.');
    if (dot == key.npos) return {"", key};
    return {key.substr(0, dot), key.substr(dot + 1)};
}

}  // namespace

TomlText& TomlText::set(const std::string& key, const std::string& value) {
    const auto [section, name] = split(key);
    sections_[section][name] = value;
    return *this;
}

TomlText& TomlText::remove(const std::string& key) {
    const auto [section, name] = split(key);
    sections_[section].erase(name);
    return *this;
}

std::string TomlText::text() const {
    std::string out;
    for (const auto& [section, keys] : sections_) {
        if (!section.empty()) out += fmt::format("\n[{}]\n", section);
        for (const auto& [name, value] : keys) out += fmt::format("{} = {}\n", name, value);
    }
    return out;
}

std::string toml_string(const std::string& text) {
    return "\"" + text + "\"";
}

}  // namespace wanctl::test
