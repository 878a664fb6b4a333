// A configuration as a list of keys and values in words: what two readings of a file differ in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wanctl {

struct Setting {
    std::string key;      // "section.key"
    std::string value;    // as TOML; "default" when it follows from other keys
    bool secret = false;  // where a secret is found: not for the log
};

struct SettingChange {
    std::string key;
    std::string from;  // both empty for a secret; one of them when the key came or went
    std::string to;
};

// In the order of `before`, what is new last.
[[nodiscard]] std::vector<SettingChange> differences(const std::vector<Setting>& before,
                                                     const std::vector<Setting>& after);

// The key is `prefix`, or in the section `prefix`.
[[nodiscard]] bool concerns(const SettingChange& change, std::string_view prefix);

}  // namespace wanctl
