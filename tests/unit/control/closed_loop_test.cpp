// The law and the write policy against a line, in virtual time: does a full line stay fast?
#include "tests/sim/line/closed_loop.hpp"
#include "autorate/actuate/write_policy.hpp"
#include "autorate/control/wan_controller.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// For lines of about 20 to 60 Mbit/s down and 4 to 12 up, 20 ms away.
AutorateConfig home_config(milliseconds interval = milliseconds(50)) {
    AutorateConfig config = cable_config(interval);
    config.baseline = {Millis(20), std::chrono::duration<double>(50), Millis(3), Millis(5),
                       Millis(80)};
    config.load_time_constant = std::chrono::duration<double>(0.1);
    config.reference.no_rise_while_congested = true;
    config.reference.first_green_by_step = true;
    config.direction[0] = {
        60_mbit, {{20_mbit, 14_mbit, 12_mbit, 10_mbit}}, 300_kbit, Ratio{0.90}, Ratio{0.98}, 5};
    config.direction[1] = {12_mbit,     {{2500_kbit, 2500_kbit, 2500_kbit, 2500_kbit}},
                           100_kbit,    Ratio{0.90},
                           Ratio{0.98}, 5};
    return config;
}

// What the daemon does with a decision, on a router that answers at once.
class Loop {
  public:
    explicit Loop(const AutorateConfig& config)
        : config_(config), controller_(config), policy_(options(config), SteadyTime{}) {
        for (const Direction direction : {Direction::download, Direction::upload}) {
            policy_.hold({}, direction, config.direction[index(direction)].ceiling);
        }
    }

    std::optional<sim::RatePair> operator()(std::optional<Nanos> rtt, SteadyTime now) {
        SlotInput input{
            slot_++, std::nullopt, {held(Direction::download), held(Direction::upload)}};
        if (rtt) {
            input.rtt = Millis(*rtt);
        }
        const Decision decision = controller_.step(input);
        for (const Direction direction : {Direction::download, Direction::upload}) {
            const DirectionDecision& side = decision.direction[index(direction)];
            policy_.want(now, direction, side.rate, side.zone);
            if (side.zone == Zone::red) {
                ++red_slots_;
            }
        }
        while (const auto write = policy_.next(now)) {
            raised_while_congested_ +=
                write->kind == actuate::WriteKind::increase &&
                        decision.direction[index(write->direction)].zone != Zone::green
                    ? 1
                    : 0;
            policy_.sent(now, *write);
            policy_.ended(now, write->rate);
            ++writes_;
            increases_ += write->kind == actuate::WriteKind::increase ? 1 : 0;
        }
        return sim::RatePair{*held(Direction::download), *held(Direction::upload)};
    }

    [[nodiscard]] int writes() const { return writes_; }
    [[nodiscard]] int increases() const { return increases_; }
    [[nodiscard]] int raised_while_congested() const { return raised_while_congested_; }
    [[nodiscard]] int red_slots() const { return red_slots_; }

  private:
    static std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }
    [[nodiscard]] std::optional<Rate> held(Direction direction) const {
        return policy_.held(direction);
    }
    static actuate::PolicyOptions options(const AutorateConfig& config) {
        actuate::PolicyOptions out;
        for (std::size_t side = 0; side < 2; ++side) {
            out.floor[side] = config.direction[side].floor.zone;
            out.ceiling[side] = config.direction[side].ceiling;
        }
        return out;
    }

    AutorateConfig config_;
    WanController controller_;
    actuate::WritePolicy policy_;
    std::int64_t slot_ = 0;
    int writes_ = 0;
    int increases_ = 0;
    int raised_while_congested_ = 0;
    int red_slots_ = 0;
};

sim::ClosedLoopSpec full_line(sim::CapacityTrace capacity, Nanos duration) {
    sim::ClosedLoopSpec spec;
    spec.line.capacity = std::move(capacity);
    spec.line.set_flows(Direction::download, 4);
    spec.line.set_flows(Direction::upload, 2);
    spec.duration = duration;
    return spec;
}

sim::ClosedLoopResult unshaped(const sim::ClosedLoopSpec& spec) {
    return sim::run_closed_loop(spec, [](auto, auto) { return std::nullopt; });
}

}  // namespace

TEST_CASE("on a line that steps, latency falls to a fifth and most of the goodput stays") {
    const auto spec = full_line(sim::CapacityTrace::generate("demo", 1).value(), minutes(4));
    Loop loop(home_config());
    const auto shaped = sim::run_closed_loop(spec, std::ref(loop));
    const auto before = unshaped(spec);
    CAPTURE(shaped.rtt_p99_ms, before.rtt_p99_ms, shaped.goodput_download.value,
            shaped.goodput_upload.value, before.goodput_download.value);
    CHECK(shaped.rtt_p99_ms <= before.rtt_p99_ms / 5);
    CHECK(shaped.goodput_download.value >= 0.6 * before.goodput_download.value);
    CHECK(shaped.goodput_upload.value >= 0.6 * before.goodput_upload.value);
    CHECK(loop.raised_while_congested() == 0);
}

TEST_CASE("ten minutes on a steady full line are stable at every interval") {
    const auto capacity = sim::CapacityTrace::constant(50_mbit, 10_mbit);
    for (const int ms : {5, 20, 50, 100, 500}) {
        auto spec = full_line(capacity, minutes(10));
        spec.interval = milliseconds(ms);
        Loop loop(home_config(milliseconds(ms)));
        const auto shaped = sim::run_closed_loop(spec, std::ref(loop));
        CAPTURE(ms, shaped.rtt_p50_ms, shaped.rtt_p99_ms, shaped.goodput_download.value,
                shaped.goodput_upload.value, loop.writes());
        CHECK(shaped.rtt_p99_ms < 100);
        // Upload and download share one RTT, so each pays for the other's excess.
        CHECK(shaped.goodput_download.value > 0.4);
        CHECK(shaped.goodput_upload.value > 0.4);
        // Decreases are never rationed; increases are: 60 a minute after a burst of 20.
        CHECK(loop.increases() <= 10 * 60 + 20);
        CHECK(loop.raised_while_congested() == 0);
    }
}

TEST_CASE("an idle line is left alone at its ceilings") {
    sim::ClosedLoopSpec spec;
    spec.line.jitter = milliseconds(4);
    spec.duration = minutes(10);
    Loop loop(home_config());
    CHECK(sim::run_closed_loop(spec, std::ref(loop)).rtt_p99_ms < 30);
    CHECK(loop.writes() == 0);
    CHECK(loop.red_slots() == 0);
}
