// Steering's decisions against recorded outcomes of the reference.
#include <cmath>
#include <map>

#include "common/reference_cycle.hpp"
#include "steering/decide/steering_decider.hpp"
#include "tests/golden/steering_series.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::steering;

namespace {

LineReading reading_of(const golden::SteeringRow& row, SteadyTime at) {
    LineReading reading;
    reading.at = at;
    reading.interval = kReferenceCycle;
    reading.delta = from_ms(row.delta_ms);
    reading.queue = QueueReading{at, {row.drops, row.queue}, {}};
    if (row.zone == "GREEN") reading.assessed = Assessment::green;
    if (row.zone == "YELLOW") reading.assessed = Assessment::yellow;
    if (row.zone == "SOFT_RED") reading.assessed = Assessment::soft_red;
    if (row.zone == "RED") reading.assessed = Assessment::red;
    return reading;
}

class Replay {
  public:
    explicit Replay(const SteeringConfig& config) : decider_(config, SteadyTime{}) {}

    const SteeringDecision& row(const golden::SteeringRow& row) {
        now_ += kReferenceCycle;
        DecideInput input;
        input.now = now_;
        input.source = {SourceState::live, SourceState::absent};
        input.reading[0] = reading_of(row, now_);
        return decider_.decide(input);
    }

  private:
    SteadyTime now_{};
    SteeringDecider decider_;
};

std::string action_of(const SteeringDecision& decision) {
    return decision.action == SteeringAction::none ? "-" : std::string(name(decision.action));
}

// index -> action
std::map<int, std::string> check_scores(const golden::SteeringSeries& series) {
    std::map<int, std::string> actions;
    Replay replay(series.config);
    for (std::size_t i = 0; i < series.rows.size(); ++i) {
        const SteeringDecision& decision = replay.row(series.rows[i]);
        CAPTURE(i);
        REQUIRE(decision.score);
        REQUIRE(decision.score->value == series.rows[i].score);
        if (decision.action != SteeringAction::none) {
            actions[static_cast<int>(i)] = name(decision.action);
        }
    }
    return actions;
}

}  // namespace

TEST_CASE("every recorded row of the three-state series is met: average, assessment, action") {
    const auto series = golden::load_three_state("steer-cycle");
    REQUIRE(series.rows.size() == 93);
    Replay replay(series.config);
    int actions = 0;
    for (std::size_t i = 0; i < series.rows.size(); ++i) {
        const golden::SteeringRow& row = series.rows[i];
        const SteeringDecision& decision = replay.row(row);
        CAPTURE(i);
        REQUIRE(decision.line[0].delta_ewma->count() ==
                Approx(row.ewma_ms).epsilon(0).margin(1e-9));
        REQUIRE(name(decision.assessment) == row.assess);
        REQUIRE(name(decision.state) == row.state);
        REQUIRE(action_of(decision) == row.action);
        REQUIRE_FALSE(decision.score);
        actions += decision.action == SteeringAction::none ? 0 : 1;
    }
    CHECK(actions == 4);
}

TEST_CASE("every recorded score is met, and every decision within one cycle") {
    const auto series = golden::load_confidence("conf-full");
    REQUIRE(series.rows.size() == 900);
    std::map<int, std::string> recorded;
    for (std::size_t i = 0; i < series.rows.size(); ++i) {
        if (series.rows[i].action != "-") recorded[static_cast<int>(i)] = series.rows[i].action;
    }
    const auto actions = check_scores(series);
    REQUIRE(recorded.size() == 2);
    REQUIRE(actions.size() == 2);
    auto mine = actions.begin();
    for (const auto& [at, action] : recorded) {
        CHECK(mine->second == action);
        CHECK(std::abs(mine->first - at) <= 1);
        ++mine;
    }
}

TEST_CASE("a dry run has the recorded scores, and the actions that would have been") {
    const auto series = golden::load_confidence("conf-dryrun");
    REQUIRE(series.config.decide.dry_run);
    const auto actions = check_scores(series);
    CHECK(actions == check_scores(golden::load_confidence("conf-full")));
}
