#include "autorate/reload.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "common/config/secret.hpp"

namespace wanctl::autorate {

namespace {

constexpr std::array<std::string_view, 5> kNeedRestart{"wan", "interval_ms", "shm",
                                                       "router.backend", "router.url"};

}  // namespace

Reading read_again(const std::vector<std::string>& paths) {
    Reading reading;
    auto files = load_autorate_set(paths);
    if (!files) {
        reading.errors = std::move(files.error());
        return reading;
    }
    reading.files = std::move(*files);
    for (const ConfigFile& file : reading.files) {
        auto passwords = read_passwords(file.config.router);
        if (passwords)
            reading.passwords.push_back(std::move(*passwords));
        else
            reading.errors.push_back({file.config.file, {}, "router", passwords.error().message});
    }
    auto token = read_http_token(reading.files.front().config.http);
    if (token)
        reading.http_token = std::move(*token);
    else
        reading.errors.push_back(
            {reading.files.front().config.file, {}, "http.token_file", token.error().message});
    return reading;
}

ConfigErrors keys_that_need_restart(const std::string& file,
                                    const std::vector<SettingChange>& changes) {
    std::string keys;
    for (const SettingChange& change : changes) {
        const bool needs =
            std::any_of(kNeedRestart.begin(), kNeedRestart.end(),
                        [&](std::string_view each) { return concerns(change, each); });
        if (needs) keys += (keys.empty() ? "" : ", ") + change.key;
    }
    if (keys.empty()) return {};
    return {{file, {}, keys, "needs a restart to change; nothing of this file was taken over"}};
}

void tell_changes(const std::vector<SettingChange>& changes, Log& log) {
    for (const SettingChange& change : changes) {
        if (change.from.empty() && change.to.empty())
            log.info("configuration changed", {{"key", change.key}});
        else
            log.info("configuration changed",
                     {{"key", change.key}, {"from", change.from}, {"to", change.to}});
    }
}

}  // namespace wanctl::autorate
