#include "autorate/actuate/actuator_options.hpp"

#include "common/routeros/link_options.hpp"

namespace wanctl::actuate {

ActuatorOptions actuator_options(const AutorateConfig& config, std::uint32_t seed) {
    ActuatorOptions options;
    options.queue = config.queues.name;
    options.policy.min_change = config.write.min_change;
    options.policy.settle = config.write.settle;
    options.policy.increase_interval = config.write.increase_interval;
    options.policy.increases_per_minute = config.write.increases_per_minute;
    options.policy.increase_burst = config.write.increase_burst;
    for (std::size_t direction = 0; direction < 2; ++direction) {
        options.policy.floor[direction] = config.direction[direction].floor.zone;
        options.policy.ceiling[direction] = config.direction[direction].ceiling;
    }
    options.stats_interval = config.queues.stats_interval;
    options.on_exit = config.write.on_exit;
    options.seed = seed;
    return options;
}

routeros::RestOptions write_link_options(const RouterConfig& router) {
    return routeros::link_options(router);
}

routeros::RestOptions stats_link_options(const RouterConfig& router) {
    routeros::RestOptions options = write_link_options(router);
    options.user = router.stats_user;
    return options;
}

}  // namespace wanctl::actuate
