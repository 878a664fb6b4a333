// Reading the configuration again while the daemon runs: what is new, and whether it may be.
#pragma once

#include <string>
#include <vector>

#include "autorate/link_pool.hpp"
#include "common/config/parse.hpp"
#include "common/log/log.hpp"

namespace wanctl::autorate {

using ConfigFile = Parsed<AutorateConfig>;

// All files of a process as they are now, with their secrets. Any error makes the whole unusable.
struct Reading {
    ConfigErrors errors;
    std::vector<ConfigFile> files;     // in the order of the paths
    std::vector<Passwords> passwords;  // of each file
    std::string http_token;            // empty: none is asked for
};

// Blocks on files; touches nothing else.
[[nodiscard]] Reading read_again(const std::vector<std::string>& paths);

// The changed keys that only a restart can bring about: wan, interval_ms, [shm], router.backend and
// router.url. One error a file that changes any, naming them all.
[[nodiscard]] ConfigErrors keys_that_need_restart(const std::string& file,
                                                  const std::vector<SettingChange>& changes);

// One line for each change, without the value of a secret.
void tell_changes(const std::vector<SettingChange>& changes, Log& log);

}  // namespace wanctl::autorate
