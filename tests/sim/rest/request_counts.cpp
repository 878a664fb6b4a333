#include "tests/sim/rest/request_counts.hpp"

#include <fmt/format.h>

#include "tests/sim/rest/json_text.hpp"

namespace wanctl::sim {

std::string RequestCounts::to_json() const {
    std::uint64_t total = 0;
    std::string list;
    for (const auto& [key, count] : requests) {
        total += count;
        list +=
            fmt::format("{}{{\"user\":{},\"method\":{},\"path\":{},\"status\":{},\"count\":{}}}",
                        list.empty() ? "" : ",", quoted(key.user), quoted(key.method),
                        quoted(key.path), key.status, count);
    }
    std::string users;
    for (const auto& [user, flight] : in_flight) {
        users += fmt::format("{}{}:{{\"now\":{},\"most\":{}}}", users.empty() ? "" : ",",
                             quoted(user), flight.now, flight.most);
    }
    return fmt::format(
        "{{\"accepted\":{},\"refused\":{},\"open\":{},\"total\":{},"
        "\"in_flight\":{{{}}},\"requests\":[{}]}}",
        accepted, refused, open, total, users, list);
}

}  // namespace wanctl::sim
