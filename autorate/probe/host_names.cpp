#include "autorate/probe/host_names.hpp"

#include <algorithm>
#include <utility>

namespace wanctl::probe {

HostNames::HostNames(std::vector<Name> names) {
    for (Name& name : names) entries_.push_back({.name = std::move(name), .next = {}});
}

const HostNames::Name* HostNames::due(SteadyTime now, std::uint16_t failing) {
    for (Entry& entry : entries_) {
        const bool wanted = !entry.found || (failing >> entry.name.host & 1U) != 0;
        if (!wanted || entry.busy || (entry.next && now < *entry.next)) continue;
        entry.busy = true;
        return &entry.name;
    }
    return nullptr;
}

std::optional<IpAddress> HostNames::ended(SteadyTime now, std::uint8_t host,
                                          std::span<const IpAddress> addresses,
                                          std::optional<IpAddress> in_use) {
    Entry* entry = find(host);
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

bool HostNames::unknown(std::uint8_t host) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.name.host == host && entry.failed; });
}

HostNames::Entry* HostNames::find(std::uint8_t host) {
    for (Entry& entry : entries_) {
        if (entry.name.host == host) return &entry;
    }
    return nullptr;
}

}  // namespace wanctl::probe
