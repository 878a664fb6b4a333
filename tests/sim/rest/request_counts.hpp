// What the simulated router counts about its clients, readable by tests over the control channel.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace wanctl::sim {

struct RequestKey {
    std::string user;  // empty when the request named no known user
    std::string method;
    std::string path;  // without the query
    int status = 0;

    auto operator<=>(const RequestKey&) const = default;
};

struct InFlight {
    std::uint64_t now = 0;
    std::uint64_t most = 0;

    void begin() { most = std::max(most, ++now); }
    void end() { --now; }
};

struct RequestCounts {
    std::uint64_t accepted = 0;  // sockets
    std::uint64_t refused = 0;   // sockets beyond max-sessions, closed at once
    std::uint64_t open = 0;      // sockets now
    std::map<RequestKey, std::uint64_t> requests;
    std::map<std::string, InFlight> in_flight;  // by user

    // One line of JSON: the fields above, with `requests` as a list and a `total`.
    [[nodiscard]] std::string to_json() const;
};

}  // namespace wanctl::sim
