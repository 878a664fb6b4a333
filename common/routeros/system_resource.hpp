// The part of RouterOS's /system/resource that wanctl watches. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"

namespace wanctl::routeros {

// A figure that this router does not have (boards without flash wear counters) is absent.
struct ResourceReading {
    std::optional<int> cpu_percent;              // of all processors together, 0..100
    std::optional<std::uint64_t> flash_sectors;  // written since the router started
};

// GET: one object with these two figures only.
[[nodiscard]] std::string resource_path();
[[nodiscard]] Result<ResourceReading> read_resource(std::string_view body);

}  // namespace wanctl::routeros
