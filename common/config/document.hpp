// A TOML document as the rest of the configuration code sees it: plain values with their positions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/config/config_error.hpp"

namespace wanctl::config {

struct Entry;

struct Table {
    std::vector<Entry> entries;  // in no particular order

    [[nodiscard]] const Entry* find(std::string_view key) const;
};

struct Value;
using List = std::vector<Value>;

// A TOML type that no key of ours has (dates and times); `name` is for the message.
struct Foreign {
    std::string name;
};

struct Value {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Table, Foreign>
        data;
    ConfigPosition at;
};

struct Entry {
    std::string key;
    ConfigPosition key_at;
    Value value;
};

inline const Entry* Table::find(std::string_view key) const {
    for (const Entry& entry : entries) {
        if (entry.key == key) return &entry;
    }
    return nullptr;
}

}  // namespace wanctl::config
