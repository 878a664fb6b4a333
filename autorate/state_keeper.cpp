#include "autorate/state_keeper.hpp"

#include <atomic>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/state/state_file.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::autorate {

namespace {

std::optional<SavedState> read_file(const AutorateConfig& config, Log& log) {
    const std::string path = state_path(config.state, config.wan);
    const auto text = read_state_file(path, kSavedStateVersion);
    std::string fault;
    if (text) {
        if (!*text) return std::nullopt;
        auto state = parse_saved_state(config.wan, **text);
        if (state) return *state;
        fault = "state file " + path + ": " + state.error().message;
    } else {
        fault = text.error().message;
        const ErrorKind kind = text.error().kind;
        if (kind != ErrorKind::invalid_input && kind != ErrorKind::unsupported) {
            log.warning(fault);
            return std::nullopt;
        }
    }
    const auto aside = set_aside_state_file(path);
    log.warning(fault, {{"set_aside", aside ? *aside : "no: " + aside.error().message}});
    return std::nullopt;
}

}  // namespace

std::optional<LawMemory> load_state(const AutorateConfig& config, const Clock& clock, Log& log) {
    const auto record = last_record_state(config.wan);
    const auto file = read_file(config, log);
    const auto law = state_to_start_from(file, record, shm::boot_id(), clock.steady());
    if (law) {
        log.info("going on from the state before", {{"baseline_ms", law->baseline.count()},
                                                    {"download_bps", law->rate[0].bps},
                                                    {"upload_bps", law->rate[1].bps}});
    } else {
        log.info("no state from before: the law begins at the ceilings");
    }
    return law;
}

struct StateKeeper::Impl : std::enable_shared_from_this<Impl> {
    Impl(boost::asio::io_context& loop, const Clock& the_clock, Log& the_log,
         HelperThread& the_helper, const AutorateConfig& config, Source the_source)
        : clock(the_clock),
          log(the_log),
          helper(the_helper),
          wan(config.wan),
          settings(config.state),
          source(std::move(the_source)),
          timer(loop) {}

    // One write: whoever begins it first does it.
    struct Job {
        std::string path;
        std::string text;
        std::atomic<bool> begun = false;

        Result<void> write() {
            if (begun.exchange(true)) return {};
            return write_state_file(path, kSavedStateVersion, text);
        }
    };

    void arm() {
        timer.expires_after(settings.save);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (error || self->closed) return;
            // A disk that takes longer than this is not asked twice.
            if (!self->job) self->save();
            self->arm();
        });
    }

    void save() {
        const LawMemory law = source();
        if (queued == law) return;
        auto next = std::make_shared<Job>();
        next->path = state_path(settings, wan);
        next->text = saved_state_text(wan, {law, shm::boot_id(), clock.steady()});
        const bool accepted = helper.run([next] { return next->write(); },
                                         [self = shared_from_this(), next](Result<void> result) {
                                             if (!self->closed) self->saved(next, result);
                                         });
        if (!accepted) return told({ErrorKind::busy, "the helper thread is stuck", 0});
        queued = law;
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

    const Clock& clock;
    Log& log;
    HelperThread& helper;
    const std::string wan;
    StateConfig settings;
    const Source source;
    boost::asio::steady_timer timer;
    std::optional<LawMemory> queued;  // saved, or on its way
    std::shared_ptr<Job> job;         // the newest on its way
    std::string trouble;              // what was told last
    bool closed = false;
};

StateKeeper::StateKeeper(boost::asio::io_context& loop, const Clock& clock, Log& log,
                         HelperThread& helper, const AutorateConfig& config, Source state)
    : impl_(std::make_shared<Impl>(loop, clock, log, helper, config, std::move(state))) {}

StateKeeper::~StateKeeper() {
    impl_->closed = true;
    impl_->timer.cancel();
}

void StateKeeper::start() {
    // What was found at the start is not worth a write.
    impl_->queued = impl_->source();
    impl_->arm();
}

void StateKeeper::reconfigure(const StateConfig& config) {
    if (config.dir != impl_->settings.dir) impl_->queued.reset();
    impl_->settings = config;
    impl_->timer.cancel();
    impl_->save();
    impl_->arm();
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

}  // namespace wanctl::autorate
