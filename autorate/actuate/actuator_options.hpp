// What the actuator and its router links need, out of the configuration.
#pragma once

#include <cstdint>

#include "autorate/actuate/cpu_watch.hpp"
#include "autorate/actuate/write_policy.hpp"
#include "common/config/autorate_config.hpp"
#include "common/routeros/queue_tree.hpp"
#include "common/routeros/rest_client.hpp"

namespace wanctl::actuate {

struct ActuatorOptions {
    routeros::QueueNames queue;
    PolicyOptions policy;
    Nanos stats_interval = std::chrono::milliseconds(250);
    Nanos load_interval = std::chrono::seconds(5);  // between readings of the router's own load
    CpuWatchOptions cpu_watch;
    ExitWrite on_exit = ExitWrite::keep;
    std::uint32_t seed = 1;  // of the jitter between attempts
};

// A poll that shares the writer's connection runs at most this often.
inline constexpr Nanos kSharedStatsInterval = std::chrono::seconds(1);
inline constexpr Nanos kSharedLoadInterval = std::chrono::seconds(30);

[[nodiscard]] ActuatorOptions actuator_options(const AutorateConfig& config, std::uint32_t seed);
[[nodiscard]] routeros::RestOptions write_link_options(const RouterConfig& router);
// Only when `router.stats_user` is set.
[[nodiscard]] routeros::RestOptions stats_link_options(const RouterConfig& router);

}  // namespace wanctl::actuate
