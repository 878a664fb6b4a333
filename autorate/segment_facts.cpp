#include "autorate/segment_facts.hpp"

#include <algorithm>

namespace wanctl::autorate {

namespace {

std::int64_t ns(Millis value) {
    return from_ms(value.count()).count();
}

}  // namespace

CycleFacts segment_facts(const AutorateConfig& config, WallTime wall) {
    CycleFacts facts;
    facts.real_ns = wall.time_since_epoch().count();
    for (std::size_t side = 0; side < 2; ++side) {
        const DirectionConfig& direction = config.direction[side];
        facts.ceiling_bps[side] = direction.ceiling.bps;
        auto& floors = side == 0 ? facts.download_floor_bps : facts.upload_floor_bps;
        for (std::size_t zone = 0; zone < direction.floor.zone.size(); ++zone) {
            floors[zone] = direction.floor.zone[zone].bps;
        }
        put_fact(facts.queue[side], config.queues.name[side]);
    }
    facts.target_ns = ns(config.thresholds.target);
    facts.warn_ns = ns(config.thresholds.warn);
    facts.hard_red_ns = ns(config.thresholds.hard_red);
    facts.baseline_initial_ns = ns(config.baseline.initial);
    facts.baseline_min_ns = ns(config.baseline.min);
    facts.baseline_max_ns = ns(config.baseline.max);
    put_fact(facts.router, config.router.url);
    put_fact(facts.interface, config.probe.interface);
    const std::size_t reflectors =
        std::min<std::size_t>(config.probe.reflectors.size(), kMaxReflectors);
    for (std::size_t i = 0; i < reflectors; ++i) {
        put_fact(facts.reflector[i], config.probe.reflectors[i]);
    }
    return facts;
}

}  // namespace wanctl::autorate
