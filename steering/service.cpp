#include "steering/service.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/alert/alerts.hpp"
#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/history/keeper.hpp"
#include "common/history/record_rows.hpp"
#include "common/loop/daemon_signals.hpp"
#include "common/loop/startup_pages.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_fields.hpp"
#include "common/reload/changes.hpp"
#include "common/reload/reloader.hpp"
#include "common/routeros/link_options.hpp"
#include "common/version.hpp"
#include "shm/record_feed.hpp"
#include "steering/daemon.hpp"
#include "steering/predecessor.hpp"
#include "steering/saved_memory.hpp"
#include "steering/start_up.hpp"
#include "steering/web.hpp"

namespace wanctl::steering {

namespace {

// The connection stands by then, or the router is away.
constexpr Nanos kStartIsOver = std::chrono::seconds(3);
// How long a stop waits for the disk.
constexpr Nanos kLastSave = std::chrono::seconds(2);

history::Subject history_subject(const shm::SegmentWriter<SteeringRecord>& segment) {
    return {std::string(kSegmentName), &history::steering_layout(),
            [](history::FeedFrom from) {
                return shm::RecordFeed<history::SteeringRows>::attach(kSegmentName, steering_abi(),
                                                                      from);
            },
            shm::history_counters<SteeringCounter>(segment)};
}

class Service {
  public:
    Service(ConfigFile file, const Clock& clock, Log& log)
        : file_(std::move(file)),
          loop_(1),
          signals_(loop_),
          around_{loop_, clock, log, notifier_},
          helper_(loop_),
          reloader_(
              {helper_, notifier_, clock, log},
              [path = file_.config.file] { return read_again(path); },
              [this](Reading& reading) { return adopt(reading); }),
          started_(clock.steady()),
          start_is_over_(loop_, kStartIsOver) {}

    int run() {
        auto parts = build_parts(around_, config());
        if (!parts) {
            around_.log.error(parts.error().message);
            return parts.error().exit_code;
        }
        auto token = read_http_token(config().http);
        if (!token) {
            around_.log.error(token.error().message);
            return exit_code::kConfiguration;
        }
        link_ = parts->link;
        history::Subject subject = history_subject(parts->segment);
        const auto raised_before = std::move(parts->alerts);
        daemon_.emplace(around_, config(), std::move(*parts));
        keeper_.emplace(
            StateKeeper::Surroundings{loop_, around_.log, helper_}, config().state,
            StateKeeper::Subject{std::string(kSegmentName), kSavedMemoryVersion, [this] {
                                     return memory_to_keep(config(), daemon_->memory(),
                                                           alerts_->to_keep(), around_.clock);
                                 }});
        alerts_.emplace(alert::Surroundings{loop_, around_.clock, around_.log, helper_},
                        config().alerts, std::string(kSegmentName), alert::SteeringConditions());
        alerts_->history_wanted(config().history.enabled);
        daemon_->on_record([this](const SteeringRecord& record) {
            if (alerts_->look(record)) keeper_->save_soon();
            if (web_) web_->look(record);
        });
        alerts_->on_outcome([this](const alert::Outcome& outcome) {
            history_->tell("alert", alert::outcome_json(outcome));
        });
        history_.emplace(alerts_->gauged(std::move(subject)), config().history, around_.clock,
                         around_.log);
        history_->start(kVersion, file_.settings);
        const bool ended = alerts_->restore(raised_before);
        serve(std::move(*token));
        signals_.listen([this] { reloader_.begin(); },
                        [this](const StopSignal& signal) { stop(signal); });
        start_is_over_.async_wait(
            [](const boost::system::error_code&) { release_startup_pages(); });
        keeper_->start(!ended);
        daemon_->start([this] { keeper_->save_now(); });
        around_.log.info("started", {{"primary", config().primary},
                                     {"alternate", config().alternate},
                                     {"policy", name(config().decide.policy)},
                                     {"version", kVersion}});
        loop_.run();
        around_.log.info("stopped");
        return exit_code::kOk;
    }

  private:
    [[nodiscard]] const SteeringConfig& config() const { return file_.config; }

    // By HTTP; where nothing asks for it, nothing of it is there.
    void serve(std::string token) {
        const HttpConfig& http = config().http;
        if (!http.enabled()) return web_.reset();
        if (const auto warning = secret_warning(http.token, "token")) around_.log.warning(*warning);
        if (!web_)
            web_ =
                std::make_unique<Web>(http::Server::Surroundings{loop_, around_.clock, around_.log},
                                      config(), started_, *daemon_, alerts_->figures());
        web_->serve(http, std::move(token));
    }

    void stop(const StopSignal& signal) {
        reloader_.stop();
        around_.log.info("stopping", {{"signal", signal.name}});
        const ReleaseOnExit on_exit = signal.keep ? ReleaseOnExit::keep : config().failsafe.on_exit;
        history_->stopping(on_exit == ReleaseOnExit::keep ? "keep" : "release");
        daemon_->stop(on_exit, [this] { save_and_end(); });
    }

    void save_and_end() {
        alerts_->close();
        keeper_->save_last();
        if (!helper_.finish(kLastSave))
            around_.log.warning("the helper thread is busy with something else at the end");
        keeper_->save_here();
        // Behind the results that the helper has handed back.
        boost::asio::post(loop_, [this] { loop_.stop(); });
    }

    // All of it or nothing.
    ConfigErrors adopt(Reading& reading) {
        if (!reading.errors.empty()) return reading.errors;
        const auto changes = differences(file_.settings, reading.file.settings);
        if (auto errors = keys_that_need_restart(config().file, changes, kNeedRestart);
            !errors.empty())
            return errors;
        const routeros::RestOptions before = routeros::link_options(config().router);
        file_ = std::move(reading.file);
        Log& log = around_.log;
        log.set_level(config().log.level);
        log.set_format(config().log.format);
        for (const ConfigError& warning : file_.warnings) log.warning(warning.text());
        for (const ConfigError& left : file_.omissions) log.error(left.text());
        if (const auto warning = secret_warning(config().router.password)) log.warning(*warning);
        tell_changes(changes, log);
        take_over(before, reading.password);
        history_->reload(config().history, changes, file_.settings);
        serve(std::move(reading.http_token));
        log.info(changes.empty() ? "configuration re-read: nothing has changed"
                                 : "configuration re-read");
        return {};
    }

    void take_over(const routeros::RestOptions& before, const std::string& password) {
        if (routeros::link_options(config().router) == before) {
            link_->set_password(password);
        } else {
            link_ = make_link(around_, config().router, password);
        }
        Replacement parts;
        parts.link = link_;
        if (daemon_->checks_setup())
            parts.setup_check =
                std::make_unique<SetupCheck>(loop_, around_.clock, around_.log, config(), password);
        daemon_->reconfigure(config(), std::move(parts));
        alerts_->reconfigure(config().alerts);
        alerts_->history_wanted(config().history.enabled);
        keeper_->reconfigure(config().state);
    }

    ConfigFile file_;
    boost::asio::io_context loop_;
    DaemonSignals signals_;  // before anything else: start-up takes time
    Notifier notifier_;
    Surroundings around_;
    HelperThread helper_;
    Reloader<Reading> reloader_;
    std::shared_ptr<routeros::RouterLink> link_;
    std::optional<Daemon> daemon_;
    std::optional<StateKeeper> keeper_;
    const SteadyTime started_;
    std::optional<alert::SteeringAlerts> alerts_;
    // Behind the daemon, whose segment its store writes counters of.
    std::optional<history::Keeper> history_;
    std::unique_ptr<Web> web_;
    boost::asio::steady_timer start_is_over_;
};

}  // namespace

int run_service(ConfigFile file, const Clock& clock, Log& log) {
    return Service(std::move(file), clock, log).run();
}

}  // namespace wanctl::steering
