// A day of the law, the actuator and a router on which something is wrong every few minutes.
#include <deque>

#include <fmt/format.h>

#include "autorate/actuate/actuator.hpp"
#include "autorate/control/wan_controller.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/unit/actuate/virtual_router.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanos kSlot = milliseconds(50);
constexpr int kParts = 5;  // replies arrive between the slots as well
constexpr Nanos kAgree = seconds(5);
constexpr std::array<const char*, 2> kQueues{"WAN-Download", "WAN-Upload"};

ActuatorOptions day_options(const AutorateConfig& config) {
    ActuatorOptions options = actuator_options(config, 7);
    options.queue = {kQueues[0], kQueues[1]};
    return options;
}

struct Broken {
    int repeated = 0;   // writes of what the router had
    int raised = 0;     // writes that raised while congested
    int apart = 0;      // times the router and the law were apart for too long
    int other = 0;      // writes to the wrong queue's range
    std::string first;  // the first one
};

class Day {
  public:
    explicit Day(std::uint32_t seed) : router_(clock_, seed), random_(seed), controller_(config()) {
        for (std::size_t d = 0; d < 2; ++d) {
            const auto made = router_.model().queues().add(
                {{"max-limit", d == 0 ? "60M" : "12M"}, {"name", kQueues[d]}, {"parent", "global"}},
                "admin");
            REQUIRE(made);
        }
        router_.on_write = [this](const std::string& queue, Rate from, Rate to) {
            judge_write(queue == kQueues[0] ? 0 : 1, from, to);
        };
        actuator_.start(clock_.steady());
    }

    Broken run(Nanos length) {
        const SteadyTime end = clock_.steady() + length;
        next_fault_ = clock_.steady() + seconds(20);
        while (clock_.steady() < end) slot();
        return broken_;
    }
    [[nodiscard]] int faults() const { return faults_; }
    [[nodiscard]] int writes() const { return writes_; }
    [[nodiscard]] std::uint64_t requests() const { return router_.requests(); }

  private:
    static AutorateConfig config() {
        AutorateConfig config = home_config();
        config.reference = every_mend();
        // The two queues' ranges do not meet, so a write by the wrong id shows.
        config.direction[0].floor.zone = {20_mbit, 14_mbit, 13_mbit, 13_mbit};
        return config;
    }
    std::shared_ptr<routeros::RouterLink> link(const std::string& user) {
        return std::make_shared<routeros::RouterLink>(
            loop_, clock_,
            [this, user](routeros::RequestClient::Done done) {
                return router_.connect(user, std::move(done));
            },
            static_cast<std::uint32_t>(random_()));
    }
    [[nodiscard]] int drawn(int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(random_);
    }

    void slot() {
        const ActuatorView view = actuator_.view();
        autorate::SlotInput input{
            slot_++, Millis(rtt_ms()), {view.direction[0].held, view.direction[1].held}};
        const autorate::Decision decision = controller_.step(input);
        const SteadyTime now = clock_.steady();
        for (std::size_t d = 0; d < 2; ++d) {
            zone_[d] = decision.direction[d].zone;
            wish_[d] = decision.direction[d].rate;
            actuator_.want(now, static_cast<Direction>(d), wish_[d], zone_[d]);
        }
        actuator_.pump(now);
        for (int part = 0; part < kParts; ++part) {
            clock_.advance(kSlot / kParts);
            router_.step();
            write_->offer(clock_.steady());
            stats_->offer(clock_.steady());
        }
        change_router();
        for (std::size_t d = 0; d < 2; ++d) judge_agreement(d);
    }

    // 20 ms, and for some seconds now and then up to 100 ms more.
    double rtt_ms() {
        if (load_slots_-- <= 0) {
            const bool loaded = drawn(0, 2) == 0;
            load_ms_ = loaded ? drawn(15, 100) : 0;
            load_slots_ = loaded ? drawn(10, 300) : drawn(100, 2000);
        }
        return 20.0 + load_ms_ + drawn(0, 20) / 10.0;
    }

    void change_router() {
        const SteadyTime now = clock_.steady();
        if (fault_end_ && now >= *fault_end_) mend(now);
        if (fault_end_ || now < next_fault_) return;
        ++faults_;
        disturbed_at_ = now;
        fault_end_ = now + seconds(drawn(1, 70));
        begin(drawn(0, 12), now);
    }
    void begin(int kind, SteadyTime now) {
        constexpr std::array kStatuses{401, 403, 404, 415, 500, 400};
        if (kind < 6) {
            router_.status = kStatuses.at(static_cast<std::size_t>(kind));
            router_.applied = drawn(0, 1) == 1;
        }
        router_.truncating = kind == 6;
        router_.unreachable = kind == 7 || kind == 9;
        router_.dropping = kind == 8;
        if (kind == 9) router_.reboot(true);
        if (kind == 10) router_.service = seconds(1);
        if (kind == 11) router_.service = seconds(90);
        if (kind == 12) {
            const auto d = static_cast<std::size_t>(drawn(0, 1));
            router_.set_limit(kQueues[d], Rate{drawn(1, 100) * 1'000'000});
            fault_end_ = now;
        }
    }
    void mend(SteadyTime now) {
        router_.status = 0;
        router_.truncating = router_.unreachable = router_.dropping = false;
        // What is being worked on slowly still is, and ends at the router's own limit.
        well_since_ = now + (router_.service > seconds(60) ? Nanos(seconds(60)) : router_.service);
        router_.service = milliseconds(12);
        disturbed_at_ = *well_since_;
        fault_end_.reset();
        next_fault_ = *well_since_ + seconds(drawn(10, 240));
    }

    // In a fault and soon after, nobody can know what the router holds.
    [[nodiscard]] bool disturbed() const {
        return fault_end_ || clock_.steady() - disturbed_at_ < kAgree;
    }
    void blame(int& count, const char* what, std::size_t d, Rate a, Rate b) {
        if (count++ == 0 && broken_.first.empty())
            broken_.first =
                fmt::format("{} {} at {} s: {} {}", what, kQueues[d],
                            to_seconds(clock_.steady().time_since_epoch()), a.bps, b.bps);
    }
    void judge_write(std::size_t d, Rate from, Rate to) {
        ++writes_;
        // The upload's ceiling is below the download's floor.
        if ((d == 1) != (to <= 12_mbit)) blame(broken_.other, "wrong queue", d, from, to);
        if (disturbed()) return;
        if (from == to) blame(broken_.repeated, "repeated", d, from, to);
        if (to > from && zone_[d] != Zone::green) blame(broken_.raised, "raised", d, from, to);
    }
    // Apart: the router holds none of the wishes of the last seconds, and not for the reason that a
    // congested zone forbids to raise it.
    void judge_agreement(std::size_t d) {
        const SteadyTime now = clock_.steady();
        auto& wishes = wishes_[d];
        if (wishes.empty() || wishes.back().rate != wish_[d] || wishes.back().zone != zone_[d])
            wishes.push_back({now, wish_[d], zone_[d]});
        while (wishes.size() > 1 && wishes[1].since <= now - kAgree) wishes.pop_front();
        if (disturbed()) return;
        const Rate held = router_.limit(kQueues[d]);
        bool excused = false;
        for (const Wish& wish : wishes)
            excused =
                excused || wish.rate == held || (wish.zone != Zone::green && held < wish.rate);
        if (!excused) blame(broken_.apart, "apart", d, held, wish_[d]);
    }

    struct Wish {
        SteadyTime since{};
        Rate rate;
        Zone zone = Zone::green;
    };

    boost::asio::io_context loop_;
    sim::ManualClock clock_;
    test::VirtualRouter router_;
    std::minstd_rand random_;
    autorate::WanController controller_;
    std::shared_ptr<routeros::RouterLink> write_ = link("wanctl");
    std::shared_ptr<routeros::RouterLink> stats_ = link("wanctl-stats");
    Actuator actuator_{loop_, clock_, day_options(config()), write_, stats_};

    std::int64_t slot_ = 0;
    int load_slots_ = 0;
    double load_ms_ = 0;
    std::array<Zone, 2> zone_{};
    std::array<Rate, 2> wish_{};
    std::array<std::deque<Wish>, 2> wishes_;
    std::optional<SteadyTime> fault_end_;
    std::optional<SteadyTime> well_since_;
    SteadyTime disturbed_at_{};
    SteadyTime next_fault_{};
    int faults_ = 0;
    int writes_ = 0;
    Broken broken_;
};

}  // namespace

TEST_CASE("a day of faults: nothing repeated, nothing raised while congested, never long apart") {
    Day day(11);
    const Broken broken = day.run(test::full_run() ? hours(24) : hours(2));
    INFO(day.faults() << " faults, " << day.writes() << " writes, " << day.requests()
                      << " requests");
    INFO(broken.first);
    CHECK(broken.repeated == 0);
    CHECK(broken.raised == 0);
    CHECK(broken.apart == 0);
    CHECK(broken.other == 0);
    CHECK(day.faults() > 20);
    CHECK(day.writes() > 100);
    if (test::full_run()) WARN(day.faults() << " faults, " << day.writes() << " writes");
}
