// From conditions to alerts: what each rule makes of them over time. Pure: time is passed in,
// nothing is logged or sent here, and a step allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/alert/conditions.hpp"

namespace wanctl::alert {

enum class Phase : std::uint8_t { raised, recovered };
inline constexpr std::size_t kPhases = 2;

struct Event {
    std::size_t rule = 0;  // index into the rules
    Phase phase = Phase::raised;
    Nanos lasted{};              // since the condition began to hold
    std::uint32_t unheeded = 0;  // raised: times since the last that the cool-down kept quiet
};

// What the next life of the daemon has to know of one rule's alert.
struct KeptAlert {
    AlertType type = AlertType::wan_offline;
    std::size_t place = 0;  // among the rules of its type
    bool raised = false;
    SteadyTime since{};  // it holds since; only while it is raised
    SteadyTime last{};   // raising: the cool-down begins there
    // While it is raised, for its end where its rule is gone; as in AlertRule.
    AlertSeverity severity = AlertSeverity::warning;
    std::vector<std::string> sinks{};
};

// A rule's alert is raised once its condition has held for `sustain` without a break and its last
// raising is `cooldown` ago. It has recovered, and that is always told, once the condition has been
// gone for `sustain`, but no longer than kGone: a line that comes and goes is one alert.
class Engine {
  public:
    static constexpr Nanos kGone = std::chrono::seconds(10);

    explicit Engine(std::vector<AlertRule> rules);

    [[nodiscard]] const std::vector<AlertRule>& rules() const { return rules_; }
    // At most one event a rule; valid until the next call.
    [[nodiscard]] std::span<const Event> step(SteadyTime now, const Conditions& conditions);

    // Other rules from now on: the first of a type goes on where the first of that type was, and so
    // on. Returns the old rules whose alerts are raised and have nobody to end them.
    [[nodiscard]] std::vector<AlertRule> reconfigure(std::vector<AlertRule> rules);

    // Of all that were ever raised, in the order of the rules.
    [[nodiscard]] std::vector<KeptAlert> kept() const;
    // Before the first step: goes on where these were, each with the rule in its place. Returns
    // rules as those were whose alerts are raised and have nobody to end them.
    [[nodiscard]] std::vector<AlertRule> restore(std::span<const KeptAlert> kept);

  private:
    struct State {
        bool raised = false;
        std::optional<SteadyTime> since;  // it holds since
        std::optional<SteadyTime> gone;   // raised, but it does not hold since
        std::optional<SteadyTime> last;   // raising
        bool unheeded = false;            // what holds now should have been raised
        std::uint32_t unheeded_times = 0;
    };

    void holds(SteadyTime now, std::size_t rule);
    void clear(SteadyTime now, std::size_t rule);
    // Of the rules before it, those of its type.
    [[nodiscard]] std::size_t place(std::size_t rule) const;

    std::vector<AlertRule> rules_;
    std::vector<State> states_;
    std::vector<Event> events_;
};

}  // namespace wanctl::alert
