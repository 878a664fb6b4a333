// SIGHUP: the configuration is read again beside the loop, and taken over on it.
#pragma once

#include <functional>
#include <utility>

#include "common/clock.hpp"
#include "common/config/config_error.hpp"
#include "common/log/log.hpp"
#include "common/loop/helper_thread.hpp"
#include "common/loop/notifier.hpp"

namespace wanctl {

struct ReloadSurroundings {
    HelperThread& helper;
    Notifier& notifier;
    const Clock& clock;
    Log& log;
};

// One reading at a time; a request that comes meanwhile is served by another one afterwards. What
// is named outlives it, and it outlives the loop's run.
template <typename Reading>
class Reloader {
  public:
    // Runs on the helper thread and touches only what it owns.
    using Read = std::function<Reading()>;
    // Runs on the loop. Takes over all of it, or nothing and says why.
    using TakeOver = std::function<ConfigErrors(Reading&)>;

    Reloader(const ReloadSurroundings& around, Read read, TakeOver take_over)
        : around_(around), read_(std::move(read)), take_over_(std::move(take_over)) {}
    Reloader(const Reloader&) = delete;
    Reloader& operator=(const Reloader&) = delete;

    void begin() {
        if (stopped_) return;
        if (std::exchange(reading_, true)) {
            once_more_ = true;
            return;
        }
        around_.notifier.reloading(around_.clock.steady());
        const bool accepted = around_.helper.run(Urgency::files, read_,
                                                 [this](Reading reading) { was_read(reading); });
        if (accepted) return;
        around_.log.error("configuration not re-read: the helper thread is stuck");
        ended();
    }

    // The daemon ends: nothing is taken over any more.
    void stop() { stopped_ = true; }

  private:
    void was_read(Reading& reading) {
        if (!stopped_) {
            const ConfigErrors errors = take_over_(reading);
            for (const ConfigError& error : errors) around_.log.error(error.text());
            if (!errors.empty()) around_.log.error("configuration not re-read: the old one stays");
        }
        ended();
    }

    void ended() {
        around_.notifier.reloaded();
        reading_ = false;
        if (std::exchange(once_more_, false)) begin();
    }

    ReloadSurroundings around_;
    Read read_;
    TakeOver take_over_;
    bool stopped_ = false;
    bool reading_ = false;
    bool once_more_ = false;
};

}  // namespace wanctl
