#include "autorate/service.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "autorate/wan.hpp"
#include "autorate/web.hpp"
#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/loop/daemon_signals.hpp"
#include "common/loop/shared_notifier.hpp"
#include "common/loop/startup_pages.hpp"
#include "common/reload/changes.hpp"
#include "common/reload/reloader.hpp"

namespace wanctl::autorate {

namespace {

// Both connections stand by then, or the router is away.
constexpr Nanos kStartIsOver = std::chrono::seconds(3);
// How long a stop waits for the disk.
constexpr Nanos kLastSave = std::chrono::seconds(2);

std::vector<std::string> wan_names(const std::vector<ConfigFile>& files) {
    std::vector<std::string> names;
    names.reserve(files.size());
    for (const ConfigFile& file : files) names.push_back(file.config.wan);
    return names;
}

std::vector<std::string> paths_of(const std::vector<ConfigFile>& files) {
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const ConfigFile& file : files) paths.push_back(file.config.file);
    return paths;
}

class Service {
  public:
    Service(std::vector<ConfigFile> files, const Clock& clock, Log& log)
        : clock_(clock),
          started_(clock.steady()),
          log_(log),
          files_(std::move(files)),
          loop_(1),
          signals_(loop_),
          shared_notifier_(notifier_, wan_names(files_)),
          helper_(loop_),
          reloader_(
              {helper_, notifier_, clock, log},
              [paths = paths_of(files_)] { return read_again(paths); },
              [this](Reading& reading) { return adopt(reading); }),
          links_(loop_, clock),
          start_is_over_(loop_, kStartIsOver) {}

    int run() {
        for (const auto open : {&Service::open_wans, &Service::open_web}) {
            if (const auto failure = (this->*open)()) {
                log_.error(failure->message);
                return failure->exit_code;
            }
        }
        signals_.listen([this] { reloader_.begin(); },
                        [this](const StopSignal& signal) { stop(signal); });
        start_is_over_.async_wait(
            [](const boost::system::error_code&) { release_startup_pages(); });
        for (std::size_t i = 0; i < wans_.size(); ++i) wans_[i]->start(files_[i].settings);
        loop_.run();
        for (const auto& wan : wans_) wan->history().end_soon();
        log_.info("stopped");
        return exit_code::kOk;
    }

  private:
    std::optional<StartFailure> open_wans() {
        const bool several = files_.size() > 1;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const AutorateConfig& config = files_[i].config;
            logs_.push_back(std::make_unique<Log>(log_, several ? config.wan : std::string()));
            Notices& notices = several ? shared_notifier_.seat(i) : notifier_;
            auto wan = Wan::open({loop_, clock_, helper_, links_}, config, {*logs_[i], notices});
            if (!wan) {
                if (several)
                    wan.error().message = fmt::format("{}: {}", config.file, wan.error().message);
                return wan.error();
            }
            wans_.push_back(std::move(*wan));
        }
        return std::nullopt;
    }

    std::optional<StartFailure> open_web() {
        auto token = read_http_token(files_.front().config.http);
        if (!token) return StartFailure{token.error().message, exit_code::kConfiguration};
        serve(std::move(*token));
        return std::nullopt;
    }

    // By HTTP; where nothing asks for it, nothing of it is there.
    void serve(std::string token) {
        const HttpConfig& config = files_.front().config.http;
        if (!config.enabled()) return web_.reset();
        if (const auto warning = secret_warning(config.token, "token")) log_.warning(*warning);
        if (!web_)
            web_ = std::make_unique<Web>(http::Server::Surroundings{loop_, clock_, log_}, started_,
                                         wans_);
        web_->serve(config, std::move(token));
    }

    void stop(const StopSignal& signal) {
        reloader_.stop();
        log_.info("stopping", {{"signal", signal.name}});
        running_ = wans_.size();
        for (const auto& wan : wans_) {
            const ExitWrite on_exit = signal.keep ? ExitWrite::keep : wan->config().write.on_exit;
            wan->stop(on_exit, [this] {
                if (--running_ == 0) save_and_end();
            });
        }
    }

    void save_and_end() {
        if (!helper_.finish(kLastSave))
            log_.warning("the helper thread is busy with something else at the end");
        for (const auto& wan : wans_) wan->state().save_here();
        // Behind the results that the helper has handed back.
        boost::asio::post(loop_, [this] { loop_.stop(); });
    }

    // All of it or nothing.
    ConfigErrors adopt(Reading& reading) {
        if (!reading.errors.empty()) return reading.errors;
        ConfigErrors errors;
        std::vector<std::vector<SettingChange>> changes;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            changes.push_back(differences(files_[i].settings, reading.files[i].settings));
            for (ConfigError& error :
                 keys_that_need_restart(files_[i].config.file, changes.back(), kNeedRestart))
                errors.push_back(std::move(error));
        }
        if (!errors.empty()) return errors;
        std::vector<Wan::Change> prepared;
        for (std::size_t i = 0; i < wans_.size(); ++i) {
            auto change = wans_[i]->prepare(reading.files[i], changes[i]);
            if (!change) return {{files_[i].config.file, {}, "probe", change.error().message}};
            prepared.push_back(std::move(*change));
        }
        files_ = std::move(reading.files);
        log_.set_level(files_.front().config.log.level);
        log_.set_format(files_.front().config.log.format);
        bool changed = false;
        for (std::size_t i = 0; i < wans_.size(); ++i) {
            for (const ConfigError& warning : files_[i].warnings) logs_[i]->warning(warning.text());
            for (const ConfigError& left : files_[i].omissions) logs_[i]->error(left.text());
            tell_changes(changes[i], *logs_[i]);
            changed = changed || !changes[i].empty();
            wans_[i]->apply(std::move(prepared[i]), reading.passwords[i]);
        }
        serve(std::move(reading.http_token));
        log_.info(changed ? "configuration re-read" : "configuration re-read: nothing has changed");
        return {};
    }

    const Clock& clock_;
    const SteadyTime started_;
    Log& log_;
    std::vector<ConfigFile> files_;
    boost::asio::io_context loop_;
    DaemonSignals signals_;  // before anything else: start-up takes time
    Notifier notifier_;
    SharedNotifier shared_notifier_;
    HelperThread helper_;
    Reloader<Reading> reloader_;
    LinkPool links_;
    std::vector<std::unique_ptr<Log>> logs_;
    std::vector<std::unique_ptr<Wan>> wans_;
    std::unique_ptr<Web> web_;
    boost::asio::steady_timer start_is_over_;
    std::size_t running_ = 0;
};

}  // namespace

int run_service(std::vector<ConfigFile> files, const Clock& clock, Log& log) {
    return Service(std::move(files), clock, log).run();
}

}  // namespace wanctl::autorate
