#include "autorate/probe/reflector_names.hpp"

#include <algorithm>
#include <utility>

namespace wanctl::probe {

ReflectorNames::ReflectorNames(std::vector<Name> names) {
    for (Name& name : names) entries_.push_back({.name = std::move(name), .next = {}});
}

const ReflectorNames::Name* ReflectorNames::due(SteadyTime now, std::uint16_t failing) {
    for (Entry& entry : entries_) {
        const bool wanted = !entry.found || (failing >> entry.name.reflector & 1U) != 0;
        if (!wanted || entry.busy || (entry.next && now < *entry.next)) continue;
        entry.busy = true;
        return &entry.name;
    }
    return nullptr;
}

std::optional<IpAddress> ReflectorNames::ended(SteadyTime now, std::uint8_t reflector,
                                               std::span<const IpAddress> addresses,
                                               std::optional<IpAddress> in_use) {
    Entry* entry = find(reflector);
    if (entry == nullptr) return std::nullopt;
    entry->busy = false;
    entry->failed = addresses.empty();
    if (entry->failed) {
        entry->next = now + entry->retry;
        entry->retry = std::min(2 * entry->retry, kLongestRetry);
        return std::nullopt;
    }
    entry->found = true;
    entry->retry = kFirstRetry;
    entry->next = now + kAgainEvery;
    if (in_use && std::find(addresses.begin(), addresses.end(), *in_use) != addresses.end()) {
        return std::nullopt;
    }
    return addresses[entry->turn++ % addresses.size()];
}

bool ReflectorNames::unknown(std::uint8_t reflector) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.name.reflector == reflector && entry.failed;
    });
}

ReflectorNames::Entry* ReflectorNames::find(std::uint8_t reflector) {
    for (Entry& entry : entries_) {
        if (entry.name.reflector == reflector) return &entry;
    }
    return nullptr;
}

}  // namespace wanctl::probe
