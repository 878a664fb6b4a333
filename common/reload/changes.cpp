#include "common/reload/changes.hpp"

#include <algorithm>

namespace wanctl {

ConfigErrors keys_that_need_restart(const std::string& file,
                                    const std::vector<SettingChange>& changes,
                                    std::span<const std::string_view> restart) {
    std::string keys;
    for (const SettingChange& change : changes) {
        const bool needs = std::any_of(restart.begin(), restart.end(), [&](std::string_view each) {
            return concerns(change, each);
        });
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

}  // namespace wanctl
