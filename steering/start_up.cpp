#include "steering/start_up.hpp"

#include <pwd.h>

#include <fmt/format.h>

#include "common/config/secret.hpp"
#include "common/record/steering_fields.hpp"
#include "common/routeros/link_options.hpp"
#include "common/version.hpp"
#include "steering/predecessor.hpp"
#include "steering/saved_memory.hpp"

namespace wanctl::steering {

namespace {

constexpr Nanos kStaleAfter = std::chrono::seconds(1);

// Of the jitter between attempts: daemons that start together do not try together.
std::uint32_t seed_of(const Clock& clock) {
    return static_cast<std::uint32_t>(clock.wall().time_since_epoch().count());
}

Started<shm::SegmentWriter<SteeringRecord>> open_segment(const Surroundings& around,
                                                         const SteeringConfig& config) {
    const shm::WriterOptions options{std::string(kSegmentName), std::string(kVersion),
                                     config.shm.group, kSteeringTick, kStaleAfter};
    auto segment =
        shm::SegmentWriter<SteeringRecord>::create(options, steering_abi(), around.clock);
    if (!segment) return tl::unexpected(segment_failure(segment.error()));
    for (const std::string& warning : segment->warnings()) around.log.warning(warning);
    return std::move(*segment);
}

// Whose rings are believed.
Started<std::vector<uid_t>> owners(const std::string& user) {
    if (user.empty()) return shm::own_and_root();
    const passwd* entry = ::getpwnam(user.c_str());
    if (entry == nullptr) {
        return tl::unexpected(
            StartFailure{fmt::format("[shm] owner = \"{}\": there is no such user", user),
                         exit_code::kConfiguration});
    }
    return std::vector<uid_t>{entry->pw_uid};
}

}  // namespace

std::shared_ptr<routeros::RouterLink> make_link(const Surroundings& around,
                                                const RouterConfig& router,
                                                const std::string& password) {
    auto link = std::make_shared<routeros::RouterLink>(
        around.loop, around.clock, routeros::link_options(router), seed_of(around.clock));
    link->set_password(password);
    return link;
}

Started<Parts> build_parts(const Surroundings& around, const SteeringConfig& config) {
    // Before the ring is made anew: the old one's last record counts.
    const auto last = last_record(around.clock.steady(), config.decide.dry_run);
    // The name first: a second instance must not send a single request, nor touch the state file.
    auto segment = open_segment(around, config);
    if (!segment) return tl::unexpected(segment.error());
    Before before = load_memory(config, last, around.clock, around.log);
    const auto believed = owners(config.shm.owner);
    if (!believed) return tl::unexpected(believed.error());
    const auto password = resolve_secret(config.router.password);
    if (!password) {
        return tl::unexpected(StartFailure{password.error().message, exit_code::kConfiguration});
    }
    if (const auto warning = secret_warning(config.router.password)) around.log.warning(*warning);
    auto link = make_link(around, config.router, *password);
    return Parts{
        std::make_unique<LineWatch>(around.loop, std::array{config.primary, config.alternate},
                                    *believed),
        std::make_unique<RuleKeeper>(around.loop, around.clock,
                                     rule_options(config, seed_of(around.clock)), link),
        link,
        std::move(*segment),
        std::make_unique<SetupCheck>(around.loop, around.clock, around.log, config, *password),
        before.memory,
        std::move(before.alerts)};
}

}  // namespace wanctl::steering
