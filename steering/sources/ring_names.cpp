#include "steering/sources/ring_names.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "shm/directory.hpp"

namespace wanctl::steering {

std::optional<std::string> name_mismatch(const SteeringConfig& config, SteeredWan wan,
                                         const std::vector<std::string>& rings) {
    const bool primary = wan == SteeredWan::primary;
    const std::string& name = primary ? config.primary : config.alternate;
    const std::string& other = primary ? config.alternate : config.primary;
    std::vector<std::string> present;
    std::copy_if(rings.begin(), rings.end(), std::back_inserter(present),
                 [](const std::string& each) { return each != "steering"; });
    const bool needed = primary || config.failsafe.require_alternate;
    const bool others = std::any_of(present.begin(), present.end(), [&](const std::string& each) {
        return needed || each != other;
    });
    const bool there = std::find(present.begin(), present.end(), name) != present.end();
    if (there || !others) return std::nullopt;
    return fmt::format(
        "{} = \"{}\" is the name of no ring; present: {}; set it to the WAN's name in the file of "
        "its wanctl-autorate, or start that",
        primary ? "primary" : "alternate", name, fmt::join(present, ", "));
}

std::vector<std::string> check_ring_names(const SteeringConfig& config) {
    std::vector<std::string> wrong;
    const auto rings = shm::list_segments();
    if (!rings) return wrong;
    for (const SteeredWan wan : {SteeredWan::primary, SteeredWan::alternate})
        if (auto text = name_mismatch(config, wan, *rings)) wrong.push_back(std::move(*text));
    return wrong;
}

}  // namespace wanctl::steering
