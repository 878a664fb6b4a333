#include "common/alert/cycle_conditions.hpp"
#include "common/alert/steering_conditions.hpp"
#include "common/record/steering_states.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::alert;
using namespace std::chrono_literals;

namespace {

constexpr std::array kBoth{Direction::download, Direction::upload};

template <typename Enum>
constexpr std::uint8_t byte(Enum value) {
    return static_cast<std::uint8_t>(value);
}

// A line on which all is well: three reflectors answer, zones GREEN, router ok.
CycleRecord well() {
    CycleRecord record;
    record.interval_ns = 50'000'000;
    record.measurement = byte(MeasurementState::fresh);
    record.fresh = 1;
    record.reflectors = 3;
    record.reflector_active = 0b111;
    record.baseline_ns = 25'000'000;
    record.router_state = byte(RouterState::ok);
    return record;
}

Condition look(const CycleRecord& record, AlertType type) {
    CycleConditions conditions(Millis(25));
    return conditions.look(record, {true, true, 0})[type];
}

SteeringRecord quiet() {
    SteeringRecord record;
    record.reason = byte(SteeringReason::quiet);
    record.router_state = byte(RouterState::ok);
    record.rule_status = byte(RuleStatus::ok);
    return record;
}

// Of a daemon that has looked at its lines for long enough.
Condition look(SteeringRecord record, AlertType type) {
    SteeringConditions conditions;
    static_cast<void>(conditions.look(quiet(), {true, true, 0}));
    record.mono_ns += SteeringConditions::kSettles.count();
    return conditions.look(record, {true, true, 0})[type];
}

}  // namespace

TEST_CASE("on a line that is well no condition holds, and those of the other daemon are unknown") {
    CycleConditions conditions(Millis(25));
    CycleRecord record = well();
    // Until it is known that the zones do not flap.
    for (int i = 0; i < 2'500; ++i) {
        record.mono_ns += record.interval_ns;
        static_cast<void>(conditions.look(record, {true, true, 0}));
    }
    const Conditions& now = conditions.look(record, {true, true, 0});
    for (std::size_t i = 0; i < kAlertTypes; ++i) {
        const auto type = static_cast<AlertType>(i);
        INFO(name(type));
        const bool other = type == AlertType::steering_on || type == AlertType::flapping ||
                           type == AlertType::steering_refused;
        CHECK(now[type] == (other ? Condition::unknown : Condition::clear));
    }
}

TEST_CASE(
    "a direction is congested in SOFT_RED and RED, and nobody knows while the line is blind") {
    for (const Direction direction : kBoth) {
        const AlertType type = direction == Direction::download ? AlertType::congestion_download
                                                                : AlertType::congestion_upload;
        const AlertType other = direction == Direction::download ? AlertType::congestion_upload
                                                                 : AlertType::congestion_download;
        CycleRecord record = well();
        for (const Zone zone : {Zone::green, Zone::yellow, Zone::soft_red, Zone::red}) {
            record.direction[byte(direction)].zone = byte(zone);
            CHECK(look(record, type) == condition(zone >= Zone::soft_red));
            CHECK(look(record, other) == Condition::clear);
        }
        for (const auto state : {MeasurementState::blind, MeasurementState::blackout}) {
            record.measurement = byte(state);
            CHECK(look(record, type) == Condition::unknown);
        }
    }
}

TEST_CASE("a WAN is offline when neither reflectors nor TCP targets answer") {
    struct Row {
        MeasurementState measurement;
        FallbackState fallback;
        Condition offline;
        Condition reflectors;
    };
    using M = MeasurementState;
    using F = FallbackState;
    using C = Condition;
    for (const Row& row : {
             Row{M::fresh, F::off, C::clear, C::clear},
             Row{M::blind, F::off, C::unknown, C::unknown},
             Row{M::blind, F::dead, C::holds, C::unknown},
             Row{M::blind, F::gateway_only, C::holds, C::unknown},
             Row{M::blind, F::tcp, C::clear, C::holds},
             Row{M::blackout, F::off, C::holds, C::unknown},
             Row{M::blackout, F::dead, C::holds, C::unknown},
             Row{M::blackout, F::tcp, C::clear, C::holds},
             Row{M::blackout, F::tcp_frozen, C::clear, C::holds},
         }) {
        CycleRecord record = well();
        record.measurement = byte(row.measurement);
        record.fallback = byte(row.fallback);
        record.fresh = row.measurement == M::fresh ? 1 : 0;
        INFO(name(row.measurement) << " " << name(row.fallback));
        CHECK(look(record, AlertType::wan_offline) == row.offline);
        CHECK(look(record, AlertType::reflectors_bad) == row.reflectors);
    }
    CycleRecord record = well();
    record.measurement = byte(M::none);
    record.fresh = 0;
    CHECK(look(record, AlertType::wan_offline) == C::unknown);
    CHECK(look(record, AlertType::reflectors_bad) == C::unknown);
}

TEST_CASE("reflectors are bad when all that are asked lie") {
    CycleRecord record = well();
    record.reflector_lying = 0b011;
    CHECK(look(record, AlertType::reflectors_bad) == Condition::clear);
    record.reflector_lying = 0b111;
    CHECK(look(record, AlertType::reflectors_bad) == Condition::holds);
}

TEST_CASE("a baseline drifts when it is half of its initial value away") {
    for (const auto& [ms, drifts] :
         {std::pair{25.0, false}, std::pair{37.4, false}, std::pair{37.5, true},
          std::pair{12.6, false}, std::pair{12.5, true}}) {
        CycleRecord record = well();
        record.baseline_ns = from_ms(ms).count();
        CHECK(look(record, AlertType::baseline_drift) == condition(drifts));
    }
    CycleConditions conditions(Millis(25));
    conditions.set_initial_baseline(Millis(40));
    CycleRecord record = well();
    record.baseline_ns = 40'000'000;
    CHECK(conditions.look(record, {})[AlertType::baseline_drift] == Condition::clear);
}

TEST_CASE("the router is lost in every state but ok and not asked yet") {
    for (int state = 0; state <= byte(RouterState::late); ++state) {
        CycleRecord record = well();
        SteeringRecord steering = quiet();
        record.router_state = steering.router_state = static_cast<std::uint8_t>(state);
        const Condition expected = state == byte(RouterState::unknown)
                                       ? Condition::unknown
                                       : condition(state != byte(RouterState::ok));
        CHECK(look(record, AlertType::router_lost) == expected);
        CHECK(look(steering, AlertType::router_lost) == expected);
    }
}

TEST_CASE("a zone flaps with 30 changes in 120 s, of which each followed a second at least") {
    const auto changes_every = [](Nanos every, int changes, AlertType type) {
        CycleConditions conditions(Millis(25));
        CycleRecord record = well();
        Condition now = Condition::unknown;
        for (int i = 0; i <= changes; ++i) {
            record.direction[type == AlertType::flapping_upload ? 1 : 0].zone =
                byte(i % 2 == 0 ? Zone::green : Zone::yellow);
            for (Nanos passed{}; passed < every; passed += 50ms) {
                now = conditions.look(record, {})[type];
                record.mono_ns += 50'000'000;
            }
        }
        return now;
    };
    for (const AlertType type : {AlertType::flapping_download, AlertType::flapping_upload}) {
        CHECK(changes_every(1s, 29, type) == Condition::unknown);
        CHECK(changes_every(1s, 30, type) == Condition::holds);
        CHECK(changes_every(950ms, 100, type) == Condition::unknown);
        CHECK(changes_every(950ms, 130, type) == Condition::clear);
        CHECK(changes_every(4s, 100, type) == Condition::holds);
        CHECK(changes_every(4300ms, 100, type) == Condition::clear);
    }
}

TEST_CASE("flapping ends when the changes are too long ago") {
    FlapWatch watch;
    SteadyTime now{};
    for (int i = 0; i <= 30; ++i, now += 1s) static_cast<void>(watch.look(now, i % 2 == 0 ? 0 : 1));
    CHECK(watch.look(now, 0) == Condition::holds);
    CHECK(watch.look(now + 80s, 0) == Condition::holds);
    CHECK(watch.look(now + 95s, 0) == Condition::clear);
}

TEST_CASE("the cycle's budget is gone at 80 % of the interval or a tenth of the slots missed") {
    struct Row {
        std::uint32_t cpu_ns;
        std::uint64_t missed_every;  // slots; 0: none
        Condition expected;
    };
    for (const Row& row :
         {Row{39'900'000, 0, Condition::clear}, Row{40'000'000, 0, Condition::holds},
          Row{1'000'000, 8, Condition::holds}, Row{1'000'000, 12, Condition::clear}}) {
        BudgetWatch watch;
        CycleRecord record = well();
        record.stage_ns[byte(Stage::slot_cpu)] = row.cpu_ns;
        Condition now = Condition::unknown;
        for (std::uint64_t i = 1; i <= 3 * BudgetWatch::kSlots; ++i) {
            if (row.missed_every != 0 && i % row.missed_every == 0) ++record.missed_slots;
            now = watch.look(record);
            CHECK((now == Condition::unknown) == (i < BudgetWatch::kSlots));
        }
        CHECK(now == row.expected);
    }
    // One slot that took long is no news.
    BudgetWatch watch;
    CycleRecord record = well();
    record.stage_ns[byte(Stage::slot_cpu)] = 1'000'000'000;
    static_cast<void>(watch.look(record));
    record.stage_ns[byte(Stage::slot_cpu)] = 1'000'000;
    for (std::uint64_t i = 1; i < 2 * BudgetWatch::kSlots; ++i)
        static_cast<void>(watch.look(record));
    CHECK(watch.look(record) == Condition::clear);
}

TEST_CASE(
    "history is lost while it cannot be written, and for a minute after records were missed") {
    HistoryWatch watch;
    SteadyTime now{};
    CHECK(watch.look(now, {false, true, 0}) == Condition::unknown);
    CHECK(watch.look(now, {true, true, 0}) == Condition::clear);
    CHECK(watch.look(now, {true, false, 0}) == Condition::holds);
    CHECK(watch.look(now, {true, true, 5}) == Condition::holds);
    CHECK(watch.look(now + 59s, {true, true, 5}) == Condition::holds);
    CHECK(watch.look(now + 60s, {true, true, 5}) == Condition::clear);
}

TEST_CASE("a history that is switched off is not lost, one that is being opened may be") {
    HistoryWatch watch;
    const SteadyTime now{};
    CHECK(watch.look(now, {true, false, 5, true}) == Condition::holds);
    CHECK(watch.look(now + 1s, {false, false, 5, true}) == Condition::unknown);
    CHECK(watch.look(now + 2s, {false, false, 5, false}) == Condition::clear);
    // Its store has not ended yet.
    CHECK(watch.look(now + 2s, {true, false, 9, false}) == Condition::clear);
    CHECK(watch.look(now + 3s, {true, true, 0, true}) == Condition::clear);
}

TEST_CASE("steering is on while the rule leads to the alternate") {
    SteeringRecord record = quiet();
    CHECK(look(record, AlertType::steering_on) == Condition::clear);
    record.state = byte(SteeringState::degraded);
    CHECK(look(record, AlertType::steering_on) == Condition::holds);
}

TEST_CASE("before the router has said anything steering is neither off nor unhindered") {
    SteeringRecord record = quiet();
    record.rule_status = byte(RuleStatus::unread);
    // It answers nothing, or something else than was asked: the rule is not known either way.
    for (int router = 0; router <= byte(RouterState::late); ++router) {
        record.router_state = static_cast<std::uint8_t>(router);
        record.state = byte(SteeringState::good);
        record.reason = byte(SteeringReason::quiet);
        INFO(name(static_cast<RouterState>(router)));
        CHECK(look(record, AlertType::steering_on) == Condition::unknown);
        CHECK(look(record, AlertType::steering_refused) == Condition::unknown);
        record.state = byte(SteeringState::degraded);
        record.reason = byte(SteeringReason::alt_red);
        CHECK(look(record, AlertType::steering_on) == Condition::holds);
        CHECK(look(record, AlertType::steering_refused) == Condition::holds);
    }
}

TEST_CASE("steering is refused by an alternate that cannot, or by the router") {
    for (int reason = 0; reason <= byte(SteeringReason::alt_slow); ++reason) {
        SteeringRecord record = quiet();
        record.reason = static_cast<std::uint8_t>(reason);
        const bool refused = (reason >= byte(SteeringReason::alt_red) &&
                              reason <= byte(SteeringReason::alt_absent)) ||
                             reason == byte(SteeringReason::alt_slow);
        const bool unknown = reason == byte(SteeringReason::sustaining) ||
                             reason == byte(SteeringReason::unmeasured);
        INFO(reason);
        CHECK(look(record, AlertType::steering_refused) ==
              (unknown ? Condition::unknown : condition(refused)));
    }
    for (const RuleStatus status : {RuleStatus::missing, RuleStatus::ambiguous}) {
        SteeringRecord record = quiet();
        record.rule_status = byte(status);
        CHECK(look(record, AlertType::steering_refused) == Condition::holds);
    }
    for (int outcome = 0; outcome <= byte(WriteOutcome::unreachable); ++outcome) {
        SteeringRecord record = quiet();
        record.last_outcome = static_cast<std::uint8_t>(outcome);
        CHECK(look(record, AlertType::steering_refused) == Condition::clear);
        record.flags |= kSteeringWritePending;
        const bool refused =
            outcome == byte(WriteOutcome::refused) || outcome == byte(WriteOutcome::differs);
        // What the router makes of it is still to come.
        const bool unknown = outcome == byte(WriteOutcome::none);
        CHECK(look(record, AlertType::steering_refused) ==
              (unknown ? Condition::unknown : condition(refused)));
    }
}

TEST_CASE("whether steering is refused is unknown until the lines were seen and nothing rises") {
    SteeringConditions conditions;
    SteeringRecord record = quiet();
    record.mono_ns = 3'600'000'000'000;
    const auto after = [&](Nanos time, SteeringReason reason) {
        record.mono_ns += time.count();
        record.reason = byte(reason);
        return conditions.look(record, {true, true, 0})[AlertType::steering_refused];
    };
    using R = SteeringReason;
    CHECK(after(0s, R::none) == Condition::unknown);
    CHECK(after(60s, R::no_data) == Condition::unknown);
    CHECK(after(60s, R::quiet) == Condition::unknown);
    CHECK(after(1s, R::quiet) == Condition::unknown);
    CHECK(after(1s, R::sustaining) == Condition::unknown);
    CHECK(after(60s, R::sustaining) == Condition::unknown);
    CHECK(after(50ms, R::alt_red) == Condition::holds);
    CHECK(after(50ms, R::quiet) == Condition::clear);
    // It is no longer about the start: a primary without data asks for nothing.
    CHECK(after(50ms, R::no_data) == Condition::clear);

    // Traffic that is steered is not refused.
    SteeringConditions adopting;
    record.state = byte(SteeringState::degraded);
    record.reason = byte(R::hold_down);
    CHECK(adopting.look(record, {})[AlertType::steering_refused] == Condition::clear);
}

TEST_CASE("steering flaps while its penalty lasts") {
    SteeringRecord record = quiet();
    CHECK(look(record, AlertType::flapping) == Condition::clear);
    record.timer_left_us[byte(SteeringTimer::flap_penalty)] = 1;
    CHECK(look(record, AlertType::flapping) == Condition::holds);
}
