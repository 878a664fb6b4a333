// Which hosts stand in the configuration by name, and when to look their names up: until there is
// an address, and again while they do not answer. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "autorate/probe/ip_address.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

class HostNames {
  public:
    static constexpr Nanos kFirstRetry = std::chrono::seconds(1);  // doubles up to kLongestRetry
    static constexpr Nanos kLongestRetry = std::chrono::seconds(60);
    static constexpr Nanos kAgainEvery = std::chrono::seconds(30);  // of one that fails

    struct Name {
        std::uint8_t host = 0;  // its index among them, below 16
        std::string text;
    };

    explicit HostNames(std::vector<Name> names);

    // A name to look up now; the caller reports the end by `ended`. `failing`: bit i, host i does
    // not answer.
    [[nodiscard]] const Name* due(SteadyTime now, std::uint16_t failing);
    // `addresses` is empty when the lookup failed. Returns the address to try: nothing when
    // `in_use` is among them, since the name still stands for it.
    [[nodiscard]] std::optional<IpAddress> ended(SteadyTime now, std::uint8_t host,
                                                 std::span<const IpAddress> addresses,
                                                 std::optional<IpAddress> in_use);
    // Whether the last lookup failed.
    [[nodiscard]] bool unknown(std::uint8_t host) const;

  private:
    struct Entry {
        Name name;
        bool busy = false;
        bool found = false;   // ever
        bool failed = false;  // the last time
        Nanos retry = kFirstRetry;
        std::optional<SteadyTime> next;  // absent: at once
        std::size_t turn = 0;            // of the addresses of a name with several
    };

    [[nodiscard]] Entry* find(std::uint8_t host);

    std::vector<Entry> entries_;
};

}  // namespace wanctl::probe
