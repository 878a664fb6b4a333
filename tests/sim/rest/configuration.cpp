#include "tests/sim/rest/configuration.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/sim/rest/json_text.hpp"

namespace wanctl::sim {
namespace {

constexpr std::array kNotConfigured = {"log", "system/resource"};

constexpr std::array kState = {
    "bytes",          "dropped",     "fp-rx-byte", "fp-rx-packet", "fp-tx-byte",
    "fp-tx-packet",   "packet-rate", "packets",    "rate",         "queued-bytes",
    "rx-byte",        "rx-drop",     "rx-error",   "rx-packet",    "tx-byte",
    "queued-packets", "tx-drop",     "tx-error",   "tx-packet",
};

template <typename Names>
bool names(const Names& all, const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
}

}  // namespace

std::string configuration_json(const std::map<std::string, Menu*>& menus) {
    std::string text;
    for (const auto& [path, menu] : menus) {
        if (names(kNotConfigured, path)) continue;
        auto records = menu->records();
        for (auto& record : records) {
            std::erase_if(record, [](const auto& field) { return names(kState, field.first); });
        }
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", quoted(path), to_json(records));
    }
    return "{" + text + "}";
}

}  // namespace wanctl::sim
