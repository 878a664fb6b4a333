#include "steering/service.hpp"

#include <pwd.h>

#include <csignal>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/loop/startup_pages.hpp"
#include "common/record/steering_fields.hpp"
#include "common/routeros/link_options.hpp"
#include "common/started.hpp"
#include "common/version.hpp"
#include "steering/daemon.hpp"
#include "steering/predecessor.hpp"
#include "steering/web.hpp"

namespace wanctl::steering {

namespace {

// The connection stands by then, or the router is away.
constexpr Nanos kStartIsOver = std::chrono::seconds(3);
constexpr Nanos kStaleAfter = std::chrono::seconds(1);

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

Started<Parts> build_parts(const Surroundings& around, const SteeringConfig& config) {
    const auto since = steered_since(around.clock.steady());
    // The name first: a second instance must not send a single request.
    auto segment = open_segment(around, config);
    if (!segment) return tl::unexpected(segment.error());
    const auto believed = owners(config.shm.owner);
    if (!believed) return tl::unexpected(believed.error());
    const auto password = resolve_secret(config.router.password);
    if (!password) {
        return tl::unexpected(StartFailure{password.error().message, exit_code::kConfiguration});
    }
    if (const auto warning = secret_warning(config.router.password)) around.log.warning(*warning);
    const auto seed = static_cast<std::uint32_t>(around.clock.wall().time_since_epoch().count());
    auto link = std::make_shared<routeros::RouterLink>(around.loop, around.clock,
                                                       routeros::link_options(config.router), seed);
    link->set_password(*password);
    RuleOptions rule;
    rule.comment = config.rule.comment;
    rule.reconcile = config.rule.reconcile;
    rule.dry_run = config.decide.dry_run;
    rule.seed = seed;
    return Parts{std::make_unique<LineWatch>(
                     around.loop, std::array{config.primary, config.alternate}, *believed),
                 std::make_unique<RuleKeeper>(around.loop, around.clock, rule, link), link,
                 std::move(*segment), since};
}

std::string_view signal_name(int number) {
    return number == SIGTERM ? "SIGTERM" : number == SIGINT ? "SIGINT" : "SIGUSR2";
}

// Until a signal has ended it.
void run_until_stopped(const Surroundings& around, const SteeringConfig& config, Daemon& daemon,
                       boost::asio::signal_set& signals) {
    bool stopping = false;
    std::function<void(const boost::system::error_code&, int)> on_signal =
        [&](const boost::system::error_code& error, int number) {
            if (error) return;
            if (number == SIGHUP) {
                around.log.warning(
                    "re-reading the configuration is not available in this version; restart the "
                    "daemon instead (SIGUSR2 stops it with the rule kept)");
                signals.async_wait(on_signal);
                return;
            }
            // The second one does not wait for the router any more.
            if (std::exchange(stopping, true)) return around.loop.stop();
            around.log.info("stopping", {{"signal", signal_name(number)}});
            signals.async_wait(on_signal);
            daemon.stop(number == SIGUSR2 ? ReleaseOnExit::keep : config.failsafe.on_exit,
                        [&around] { around.loop.stop(); });
        };
    signals.async_wait(on_signal);
    around.loop.run();
}

}  // namespace

int run_service(const SteeringConfig& config, const Clock& clock, Log& log) {
    // A reader of the log or a peer that goes away is an error value, not the end.
    std::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context loop(1);
    Notifier notifier;
    const Surroundings around{loop, clock, log, notifier};
    // Before anything else: a signal during start-up must find a handler.
    boost::asio::signal_set signals(loop, SIGTERM, SIGINT, SIGHUP);
    signals.add(SIGUSR2);

    auto parts = build_parts(around, config);
    if (!parts) {
        log.error(parts.error().message);
        return parts.error().exit_code;
    }
    auto token = read_http_token(config.http);
    if (!token) {
        log.error(token.error().message);
        return exit_code::kConfiguration;
    }
    Daemon daemon(around, config, std::move(*parts));
    std::unique_ptr<Web> web;
    if (config.http.enabled()) {
        if (const auto warning = secret_warning(config.http.token, "token")) log.warning(*warning);
        web = std::make_unique<Web>(http::Server::Surroundings{loop, clock, log}, config,
                                    std::move(*token), daemon);
    }
    boost::asio::steady_timer start_is_over(loop, kStartIsOver);
    start_is_over.async_wait([](const boost::system::error_code&) { release_startup_pages(); });
    daemon.start();
    log.info("started", {{"primary", config.primary},
                         {"alternate", config.alternate},
                         {"policy", name(config.decide.policy)},
                         {"version", kVersion}});
    run_until_stopped(around, config, daemon, signals);
    log.info("stopped");
    return exit_code::kOk;
}

}  // namespace wanctl::steering
