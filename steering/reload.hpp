// Reading the configuration again while the daemon runs.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/config/parse.hpp"

namespace wanctl::steering {

using ConfigFile = Parsed<SteeringConfig>;

// The file as it is now, with the password. Any error makes the whole unusable.
struct Reading {
    ConfigErrors errors;
    ConfigFile file;
    std::string password;
};

// Blocks on files; touches nothing else.
[[nodiscard]] Reading read_again(const std::string& path);

// What only a restart can change: which lines, which rule, on which router.
inline constexpr std::array<std::string_view, 6> kNeedRestart{
    "primary", "alternate", "rule.comment", "shm", "router.backend", "router.url"};

}  // namespace wanctl::steering
