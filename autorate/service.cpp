#include "autorate/service.hpp"

#include <csignal>

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "autorate/daemon.hpp"
#include "autorate/segment_facts.hpp"
#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/loop/startup_pages.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/routeros/rest_options.hpp"
#include "common/version.hpp"

namespace wanctl::autorate {

namespace {

// A start that cannot be: what to say and what to exit with.
struct StartFailure {
    std::string message;
    int exit_code = exit_code::kInternal;
};

// Both connections stand by then, or the router is away.
constexpr Nanos kStartIsOver = std::chrono::seconds(3);

template <typename T>
using Started = tl::expected<T, StartFailure>;

tl::unexpected<StartFailure> failure(const Error& error, int code) {
    return tl::unexpected<StartFailure>({error.message, code});
}

Started<std::shared_ptr<routeros::RouterLink>> open_link(const Surroundings& around,
                                                         const routeros::RestOptions& options,
                                                         const SecretRef& secret) {
    const auto password = resolve_secret(secret);
    if (!password) {
        return failure(password.error(), exit_code::kConfiguration);
    }
    if (const auto warning = secret_warning(secret)) {
        around.log.warning(*warning);
    }
    auto link = std::make_shared<routeros::RouterLink>(around.loop, around.clock, options);
    link->set_password(*password);
    return link;
}

// A group that does not exist is a mistake in the file; a name in somebody else's hands is not.
int segment_exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::busy:
        case ErrorKind::permission:
            return exit_code::kBusy;
        case ErrorKind::invalid_input:
        case ErrorKind::not_found:
            return exit_code::kConfiguration;
        default:
            return exit_code::kInternal;
    }
}

Started<shm::SegmentWriter<CycleRecord>> open_segment(const Surroundings& around,
                                                      const AutorateConfig& config) {
    const shm::WriterOptions options{config.wan, std::string(kVersion), config.shm.group,
                                     config.interval,
                                     std::max<Nanos>(5 * config.interval, std::chrono::seconds(1))};
    auto segment = shm::SegmentWriter<CycleRecord>::create(options, cycle_abi(), around.clock);
    if (!segment) {
        return failure(segment.error(), segment_exit_code(segment.error().kind));
    }
    for (const std::string& warning : segment->warnings()) {
        around.log.warning(warning);
    }
    segment->publish_facts(segment_facts(config, around.clock.wall()));
    return std::move(*segment);
}

Started<Parts> build_parts(const Surroundings& around, const AutorateConfig& config) {
    // The name first: a second instance must not send a single echo or request.
    auto segment = open_segment(around, config);
    if (!segment) {
        return tl::unexpected(segment.error());
    }
    auto probe = probe::IcmpProbe::open(around.loop, around.clock, config.probe,
                                        {config.interval, config.fallback.max});
    if (!probe) {
        return failure(probe.error(), exit_code::kCannotMeasure);
    }
    const auto write =
        open_link(around, routeros::rest_options(config.router), config.router.password);
    if (!write) {
        return tl::unexpected(write.error());
    }
    auto stats = write;
    if (config.router.stats_user.empty()) {
        around.log.info(
            "no [router] stats_user: the queues are polled once a second at most, and "
            "not while a write waits");
    } else {
        stats = open_link(around, actuate::stats_link_options(config.router),
                          config.router.stats_password);
        if (!stats) {
            return tl::unexpected(stats.error());
        }
    }
    const auto seed = static_cast<std::uint32_t>(around.clock.wall().time_since_epoch().count());
    auto actuator = std::make_unique<actuate::Actuator>(
        around.loop, around.clock, actuate::actuator_options(config, seed), *write, *stats);
    return Parts{std::move(*probe), std::move(actuator), *write, std::move(*segment)};
}

}  // namespace

int run_service(const AutorateConfig& config, const Clock& clock, Log& log) {
    // A reader of the log or a peer that goes away is an error value, not the end.
    std::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context loop(1);
    Notifier notifier;
    const Surroundings around{loop, clock, log, notifier};
    // Before anything else: a signal during start-up must find a handler.
    boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
    signals.add(SIGHUP);
    signals.add(SIGUSR2);

    auto parts = build_parts(around, config);
    if (!parts) {
        log.error(parts.error().message);
        return parts.error().exit_code;
    }
    Daemon daemon(around, config, std::move(*parts));
    bool stopping = false;
    std::function<void(const boost::system::error_code&, int)> on_signal =
        [&](const boost::system::error_code& error, int number) {
            if (error) {
                return;
            }
            if (number == SIGHUP || number == SIGUSR2) {
                log.warning(
                    "re-reading the configuration and stopping with limits kept are not "
                    "available in this version; restart the daemon instead",
                    {{"signal", number == SIGHUP ? "SIGHUP" : "SIGUSR2"}});
                signals.async_wait(on_signal);
                return;
            }
            // The second one does not wait for the router any more.
            if (std::exchange(stopping, true)) {
                loop.stop();
                return;
            }
            log.info("stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
            signals.async_wait(on_signal);
            daemon.stop([&loop] { loop.stop(); });
        };
    signals.async_wait(on_signal);
    boost::asio::steady_timer start_is_over(loop, kStartIsOver);
    start_is_over.async_wait([](const boost::system::error_code&) { release_startup_pages(); });
    daemon.start();
    log.info("started", {{"wan", config.wan}, {"version", kVersion}});
    loop.run();
    log.info("stopped");
    return exit_code::kOk;
}

}  // namespace wanctl::autorate
