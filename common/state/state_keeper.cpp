#include <utility>

#include "common/state/state_keeper.hpp"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/state/state_file.hpp"

namespace wanctl {

std::string state_path(const StateConfig& config, std::string_view name) {
    return fmt::format("{}/{}.state", config.dir, name);
}

bool load_state_file(const std::string& path, unsigned version, Log& log,
                     const std::function<Result<void>(std::string_view)>& parse) {
    const auto text = read_state_file(path, version);
    std::string fault;
    if (text) {
        if (!*text) return false;
        const Result<void> parsed = parse(**text);
        if (parsed) return true;
        fault = "state file " + path + ": " + parsed.error().message;
    } else {
        fault = text.error().message;
        const ErrorKind kind = text.error().kind;
        if (kind != ErrorKind::invalid_input && kind != ErrorKind::unsupported) {
            log.warning(fault);
            return false;
        }
    }
    const auto aside = set_aside_state_file(path);
    log.warning(fault, {{"set_aside", aside ? *aside : "no: " + aside.error().message}});
    return false;
}

namespace {

constexpr Nanos kSoon = std::chrono::seconds(2);

}  // namespace

struct StateKeeper::Impl : std::enable_shared_from_this<Impl> {
    Impl(const Surroundings& around, const StateConfig& config, Subject the_subject)
        : log(around.log),
          helper(around.helper),
          subject(std::move(the_subject)),
          settings(config),
          timer(around.loop) {}

    // One write: whoever begins it first does it.
    struct Job {
        std::string path;
        unsigned version = 0;
        std::string text;
        std::atomic<bool> begun = false;

        Result<void> write() {
            if (begun.exchange(true)) return {};
            return write_state_file(path, version, text);
        }
    };

    void arm(Nanos after) {
        soon = false;
        timer.expires_after(after);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (error || self->closed) return;
            // A disk that takes longer than this is not asked twice.
            if (!self->job) self->save();
            self->arm(self->settings.save);
        });
    }

    void save() {
        State state = subject.source();
        if (queued == state.what) return;
        auto next = std::make_shared<Job>();
        next->path = state_path(settings, subject.name);
        next->version = subject.version;
        next->text = std::move(state.text);
        const bool accepted = helper.run(
            Urgency::files, [next] { return next->write(); },
            [self = shared_from_this(), next](const Result<void>& result) {
                if (!self->closed) self->saved(next, result);
            });
        if (!accepted) return told({ErrorKind::busy, "the helper thread is stuck", 0});
        queued = std::move(state.what);
        job = std::move(next);
    }

    void saved(const std::shared_ptr<Job>& done, const Result<void>& result) {
        if (job == done) job.reset();
        if (result) {
            if (!std::exchange(trouble, {}).empty()) log.info("state is saved again");
            return;
        }
        queued.reset();
        told(result.error());
    }

    void told(const Error& error) {
        if (std::exchange(trouble, error.message) != error.message)
            log.warning("state is not saved", {{"message", error.message}});
    }

    Log& log;
    HelperThread& helper;
    const Subject subject;
    StateConfig settings;
    boost::asio::steady_timer timer;
    std::optional<std::string> queued;  // saved, or on its way
    std::shared_ptr<Job> job;           // the newest on its way
    std::string trouble;                // what was told last
    bool soon = false;                  // the timer is set for save_soon()
    bool closed = false;
};

StateKeeper::StateKeeper(const Surroundings& around, const StateConfig& config, Subject subject)
    : impl_(std::make_shared<Impl>(around, config, std::move(subject))) {}

StateKeeper::~StateKeeper() {
    impl_->closed = true;
    impl_->timer.cancel();
}

void StateKeeper::start(bool as_found) {
    if (!as_found) return save_soon();
    // What was found at the start is not worth a write.
    impl_->queued = impl_->subject.source().what;
    impl_->arm(impl_->settings.save);
}

void StateKeeper::reconfigure(const StateConfig& config) {
    if (config.dir != impl_->settings.dir) impl_->queued.reset();
    impl_->settings = config;
    impl_->timer.cancel();
    impl_->save();
    impl_->arm(impl_->settings.save);
}

void StateKeeper::save_now() {
    impl_->save();
}

void StateKeeper::save_soon() {
    if (impl_->soon) return;
    impl_->arm(std::min<Nanos>(kSoon, impl_->settings.save));
    impl_->soon = true;
}

void StateKeeper::save_last() {
    impl_->timer.cancel();
    impl_->save();
}

void StateKeeper::save_here() {
    const auto job = impl_->job;
    if (!job || job->begun) return;
    impl_->saved(job, job->write());
}

}  // namespace wanctl
