// wanctl-steering at work against a simulated router and made-up lines, as a test sees it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/record/steering_record.hpp"
#include "common/record/steering_states.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/line_feeder.hpp"
#include "tests/support/sim_process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toml_text.hpp"

namespace wanctl::test {

inline constexpr auto kPrimaryWan = "cable";
inline constexpr auto kAlternateWan = "dsl";
inline constexpr auto kSteeringRule = "ADAPTIVE: Steer latency-sensitive to WAN2";

// Promised: 5 s after the router answers again or the cause has ended. The machine may be busy with
// other things.
inline constexpr double kRightWithinS = 7.0;

template <typename Enum>
[[nodiscard]] constexpr std::uint8_t number_of(Enum value) {
    return static_cast<std::uint8_t>(value);
}

[[nodiscard]] inline auto reason_is(SteeringReason reason) {
    return [reason](const SteeringRecord& record) { return record.reason == number_of(reason); };
}

// To enabled?, one after the other.
using Toggles = std::vector<bool>;

// How often and how the rule was switched, as the router tells it.
struct RuleHistory {
    Toggles to_enabled;
    std::vector<std::string> by;
};

// Only in the namespaces of private_namespaces.hpp. A calm primary and a calm alternate, timers of
// parts of a second; the daemon is started by start().
class SteeringRun {
  public:
    explicit SteeringRun(SimSettings settings = {});

    [[nodiscard]] SimProcess& sim() { return sim_; }
    [[nodiscard]] TomlText& config() { return config_; }
    // Holds the configuration, steering.toml, and the state file.
    [[nodiscard]] const TempDir& files() const { return files_; }
    [[nodiscard]] LineFeeder& primary() { return *primary_; }
    [[nodiscard]] LineFeeder& alternate() { return *alternate_; }
    // Another writer of the line's ring, after the one before has ended; `kind` as LineFeeder's.
    void restart_primary(const std::string& kind = {}) {
        primary_ = std::make_unique<LineFeeder>(kPrimaryWan, kind);
    }
    void restart_alternate(const std::string& kind = {}) {
        alternate_ = std::make_unique<LineFeeder>(kAlternateWan, kind);
    }

    // Writes the configuration and starts the daemon (again); the one before must have ended.
    void start();
    // start(), and waits until the rule has been read and both lines are known.
    void start_and_settle();
    // SIGHUP with the configuration as it is now; whether the daemon has said `answer` to it.
    [[nodiscard]] bool reload(const std::string& answer);
    [[nodiscard]] ChildProcess& daemon() { return *daemon_; }
    [[nodiscard]] std::string log() const { return daemon_->err(); }
    [[nodiscard]] std::size_t logged(const std::string& text) const;

    // The daemon's ring.
    [[nodiscard]] std::optional<SteeringRecord> newest() const;
    using Condition = std::function<bool(const SteeringRecord&)>;
    // Waits until the newest record fulfils it.
    [[nodiscard]] bool until(const Condition& condition) const;
    [[nodiscard]] bool until_state(SteeringState state) const;
    [[nodiscard]] bool decisions_pass(std::uint64_t count) const;

    // The rule on the router; throws unless there is one.
    [[nodiscard]] bool rule_enabled();
    [[nodiscard]] bool until_rule(bool enabled);
    [[nodiscard]] RuleHistory history();
    // An administrator at work.
    void set_rule(bool enabled);
    // The router's whole configuration.
    [[nodiscard]] std::string configuration() { return sim_.command(R"({"cmd":"config"})"); }
    // The same whatever numbers the router gave its items.
    [[nodiscard]] std::string configuration_without_ids();

    // From calm to steering.
    void congest_and_wait();

    // Whether the router holds what is wanted, that is `enabled`, and the newest record says so.
    [[nodiscard]] bool right(bool enabled);
    // Waits until right(); the seconds that took, infinite if it did not come. WANCTL_TELL_FAULTS
    // prints them as a table's row of `what`, unless that is empty.
    [[nodiscard]] double right_after(const std::string& what, bool enabled);

  private:
    SimProcess sim_;
    TempDir files_;
    TomlText config_;
    std::unique_ptr<LineFeeder> primary_;
    std::unique_ptr<LineFeeder> alternate_;
    std::unique_ptr<ChildProcess> daemon_;
};

}  // namespace wanctl::test
