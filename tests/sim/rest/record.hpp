// What a RouterOS menu holds and how it says no: the words shared by every part of the simulated
// router.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace wanctl::sim {

// One item of a menu. Every value is a string; the map's order is the order on the wire: `.id`
// first, then by name.
using Record = std::map<std::string, std::string>;

// A request that RouterOS would not serve: the HTTP status and the `detail` text; 404 and 401 carry
// none.
struct Refusal {
    int status = 400;
    std::string detail;
};

template <typename T>
using Outcome = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refuse(std::string detail) {
    return tl::unexpected<Refusal>(Refusal{400, std::move(detail)});
}
[[nodiscard]] inline tl::unexpected<Refusal> refuse_unknown_item() {
    return tl::unexpected<Refusal>(Refusal{404, {}});
}

}  // namespace wanctl::sim
