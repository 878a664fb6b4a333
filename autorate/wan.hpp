// One WAN of the process: its daemon, its state file and its configuration, started, changed and
// stopped as one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "autorate/daemon.hpp"
#include "autorate/link_pool.hpp"
#include "autorate/saved_state.hpp"
#include "common/alert/alerts.hpp"
#include "common/config/parse.hpp"
#include "common/config/settings.hpp"
#include "common/history/keeper.hpp"
#include "common/loop/helper_thread.hpp"
#include "common/started.hpp"

namespace wanctl::autorate {

// What the WANs of a process share.
struct Shared {
    boost::asio::io_context& loop;
    const Clock& clock;
    HelperThread& helper;
    LinkPool& links;
};

// Whom a WAN tells how it fares: its own, and they outlive it.
struct Tellers {
    Log& log;
    Notices& notices;
};

class Wan {
  public:
    // Takes the name, opens sockets and connections; nothing is sent before start().
    [[nodiscard]] static Started<std::unique_ptr<Wan>> open(const Shared& shared,
                                                            const AutorateConfig& config,
                                                            const Tellers& tellers);
    ~Wan();
    Wan(const Wan&) = delete;
    Wan& operator=(const Wan&) = delete;

    // `settings`: the whole configuration, for the history.
    void start(const std::vector<Setting>& settings);
    [[nodiscard]] const AutorateConfig& config() const { return config_; }

    // As Daemon has them; the alerts look at each record besides.
    void on_record(std::function<void(const CycleRecord&)> call) { on_record_ = std::move(call); }
    [[nodiscard]] std::uint64_t counter(CycleCounter counter) const {
        return daemon_.counter(counter);
    }

    [[nodiscard]] const alert::AlertFigures& alert_figures() const { return alerts_.figures(); }

    // A configuration with all that can fail already done.
    struct Change {
        AutorateConfig config;
        std::unique_ptr<probe::IcmpProbe> probe;  // when it is to be another
        bool other_router = false;                // connections, queues or limits are others
        std::vector<SettingChange> changes;
        std::vector<Setting> settings;
    };
    [[nodiscard]] Result<Change> prepare(const Parsed<AutorateConfig>& file,
                                         const std::vector<SettingChange>& changes);
    void apply(Change change, const Passwords& passwords);

    // Ends the slots and the writes; `done` comes from the loop. The state is handed over then.
    void stop(ExitWrite on_exit, std::function<void()> done);
    [[nodiscard]] StateKeeper& state() { return keeper_; }
    [[nodiscard]] history::Keeper& history() { return history_; }

  private:
    Wan(const Shared& shared, const AutorateConfig& config, const Tellers& tellers, Parts parts,
        history::Subject subject);

    Shared shared_;
    AutorateConfig config_;
    Log& log_;
    Daemon daemon_;
    StateKeeper keeper_;
    alert::CycleAlerts alerts_;
    std::vector<alert::KeptAlert> raised_before_;  // until the start
    std::function<void(const CycleRecord&)> on_record_;
    history::Keeper history_;  // behind the daemon, whose segment its store writes counters of
};

}  // namespace wanctl::autorate
