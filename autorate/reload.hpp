// Reading the configuration again while the daemon runs.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "autorate/link_pool.hpp"
#include "common/config/parse.hpp"

namespace wanctl::autorate {

using ConfigFile = Parsed<AutorateConfig>;

// All files of a process as they are now, with their secrets. Any error makes the whole unusable.
struct Reading {
    ConfigErrors errors;
    std::vector<ConfigFile> files;     // in the order of the paths
    std::vector<Passwords> passwords;  // of each file
};

// Blocks on files; touches nothing else.
[[nodiscard]] Reading read_again(const std::vector<std::string>& paths);

// What only a restart can change.
inline constexpr std::array<std::string_view, 5> kNeedRestart{"wan", "interval_ms", "shm",
                                                              "router.backend", "router.url"};

}  // namespace wanctl::autorate
