// `copy-from` of a menu's add.
#pragma once

#include <algorithm>

#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

// Takes `copy-from` out of `given`: the item with that id or name; nullptr where nothing is to be
// copied.
template <typename Items>
[[nodiscard]] auto take_original(const Items& items, Settings& given)
    -> Outcome<const typename Items::value_type*> {
    const auto from = given.extract("copy-from");
    if (from.empty()) return nullptr;
    const auto found = std::find_if(items.begin(), items.end(), [&from](const auto& item) {
        const auto name = item.settings.find("name");
        return item.id == from.mapped() ||
               (name != item.settings.end() && name->second == from.mapped());
    });
    if (found == items.end()) return refuse("input does not match any value of copy-from");
    return &*found;
}

}  // namespace wanctl::sim
