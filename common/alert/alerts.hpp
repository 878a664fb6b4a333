// All about one daemon's alerts: it is shown each record once it is published, and tells the sinks.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/alert/alert_figures.hpp"
#include "common/alert/cycle_conditions.hpp"
#include "common/alert/desk.hpp"
#include "common/alert/engine.hpp"
#include "common/alert/history_gauge.hpp"
#include "common/alert/kept_alerts.hpp"
#include "common/alert/message.hpp"
#include "common/alert/steering_conditions.hpp"
#include "common/history/keeper.hpp"

namespace wanctl::alert {

// The last record tells of the stop, not of the line.
[[nodiscard]] constexpr bool tells_of_stop(const CycleRecord& record) {
    return (record.flags & kFlagStopping) != 0;
}
[[nodiscard]] constexpr bool tells_of_stop(const SteeringRecord& record) {
    return (record.flags & kSteeringStopping) != 0;
}

// `Watch` makes conditions of a Record. A record without news costs a few comparisons; without
// rules, one.
template <typename Record, typename Watch>
class Alerts {
  public:
    Alerts(const Surroundings& around, const AlertConfig& config, std::string wan, Watch watch)
        : clock_(around.clock),
          wan_(std::move(wan)),
          watch_(std::move(watch)),
          engine_(config.rules),
          desk_(around, config.sinks) {
        desk_.on_outcome([this](const Outcome& outcome) {
            ++figures_.sink(outcome.sink).ended[static_cast<std::size_t>(outcome.delivery)];
            if (on_outcome_) on_outcome_(outcome);
        });
        count_from_zero(config);
    }
    Alerts(const Alerts&) = delete;
    Alerts& operator=(const Alerts&) = delete;

    void on_outcome(Desk::OnOutcome call) { on_outcome_ = std::move(call); }
    [[nodiscard]] const AlertFigures& figures() const { return figures_; }
    // The history's subject, with its store's figures for history_lost taken on the way.
    [[nodiscard]] history::Subject gauged(history::Subject subject) const {
        subject.watch = [gauge = history_,
                         others = std::move(subject.watch)](const history::StoreFigures& figures) {
            gauge->set(figures);
            if (others) others(figures);
        };
        return subject;
    }
    // Whether there is to be one; true until this is called.
    void history_wanted(bool wanted) { history_->set_wanted(wanted); }
    [[nodiscard]] Watch& watch() { return watch_; }

    // What the daemon before kept; before the first look. True when some of it is told as over by
    // this, which must not be kept any longer.
    [[nodiscard]] bool restore(std::span<const KeptAlert> kept) {
        const std::vector<AlertRule> orphans = engine_.restore(kept);
        end(orphans);
        return !orphans.empty();
    }
    // For the state file.
    [[nodiscard]] StateKeeper::State to_keep() const { return kept_text(engine_.kept(), clock_); }

    // Whether there was news, and so other things to keep. What a stop ends is left to the next
    // daemon: nobody is there any more to send it.
    bool look(const Record& record) {
        if (engine_.rules().empty() || tells_of_stop(record)) return false;
        const auto events = engine_.step(SteadyTime(Nanos(record.mono_ns)),
                                         watch_.look(record, history_->health()));
        for (const Event& event : events) {
            const AlertRule& rule = engine_.rules()[event.rule];
            count(rule.type, event.phase);
            desk_.tell(message_of(event, rule, record, wan_), rule.sinks);
        }
        return !events.empty();
    }

    // What is raised and no longer watched is told as recovered, through its old sinks.
    void reconfigure(const AlertConfig& config) {
        end(engine_.reconfigure(config.rules));
        desk_.reconfigure(config.sinks);
        count_from_zero(config);
    }

    void close() { desk_.close(); }

  private:
    void count(AlertType type, Phase phase) {
        ++figures_.told[static_cast<std::size_t>(type)][static_cast<std::size_t>(phase)];
    }

    // A counter that appears with its first event looks as if that had never happened.
    void count_from_zero(const AlertConfig& config) {
        for (const AlertRule& rule : config.rules) {
            figures_.watched[static_cast<std::size_t>(rule.type)] = true;
            if (rule.sinks.empty()) figures_.sink(kLogSink);
        }
        for (const SinkConfig& sink : config.sinks) figures_.sink(sink.name);
    }

    void end(const std::vector<AlertRule>& orphans) {
        for (const AlertRule& rule : orphans) {
            Record record;
            record.real_ns = clock_.wall().time_since_epoch().count();
            Message message = message_of({0, Phase::recovered}, rule, record, wan_);
            message.text = wan_ + ": this alert's rule was taken out of the configuration";
            message.details.clear();
            count(rule.type, Phase::recovered);
            desk_.tell(std::move(message), rule.sinks);
        }
    }

    const Clock& clock_;
    std::string wan_;
    Watch watch_;
    Engine engine_;
    AlertFigures figures_;
    Desk::OnOutcome on_outcome_;
    Desk desk_;
    // The store's thread sets it.
    std::shared_ptr<HistoryGauge> history_ = std::make_shared<HistoryGauge>();
};

using CycleAlerts = Alerts<CycleRecord, CycleConditions>;
using SteeringAlerts = Alerts<SteeringRecord, SteeringConditions>;

}  // namespace wanctl::alert
