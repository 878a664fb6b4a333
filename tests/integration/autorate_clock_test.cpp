// The wall clock is set: it labels, and what it labels must not steer.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/instrumented.hpp"
#include "tests/support/wall_clock_step.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr std::chrono::hours kHour{1};

// The wall clock of a daemon that is started in its environment; the machine's own stays as it is.
class WallClock {
  public:
    explicit WallClock(const TempDir& files) : path_(files.file("wall-clock")) {
        const int file = ::open(path_.c_str(), O_RDWR | O_CREAT, 0600);
        void* memory = MAP_FAILED;
        if (file >= 0 && ::ftruncate(file, sizeof(WallClockStep)) == 0) {
            memory =
                ::mmap(nullptr, sizeof(WallClockStep), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        }
        if (file >= 0) ::close(file);
        if (memory == MAP_FAILED) throw std::runtime_error("cannot map " + path_);
        step_ = new (memory) WallClockStep;
    }
    ~WallClock() { ::munmap(step_, sizeof(WallClockStep)); }
    WallClock(const WallClock&) = delete;
    WallClock& operator=(const WallClock&) = delete;

    [[nodiscard]] std::map<std::string, std::string> environment() const {
        return {{"LD_PRELOAD", WANCTL_WALL_CLOCK_SHIM}, {kWallClockVariable, path_}};
    }
    // A moment from now: no reading is under way then that knows one half of this.
    void set_ahead_by(Nanos ahead) {
        step_->before_ns = step_->after_ns.load();
        const Nanos at = real() + std::chrono::milliseconds(20);
        step_->at_ns = at.count();
        step_->after_ns = ahead.count();
    }
    // How far the record's label is ahead of the machine's clock.
    [[nodiscard]] static Nanos ahead(const CycleRecord& record) {
        timespec steady{};
        clock_gettime(CLOCK_MONOTONIC, &steady);
        const Nanos age =
            std::chrono::seconds(steady.tv_sec) + Nanos(steady.tv_nsec) - Nanos(record.mono_ns);
        return Nanos(record.real_ns) - (real() - age);
    }

  private:
    static Nanos real() {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        return std::chrono::seconds(now.tv_sec) + Nanos(now.tv_nsec);
    }

    std::string path_;
    WallClockStep* step_;
};

// A line so long that echoes are always under way.
SimSettings long_line() {
    SimSettings settings = line_settings();
    std::string& line = settings.more.back();
    const std::string_view usual = "base-rtt-ms=20";
    line.replace(line.find(usual), usual.size(), "base-rtt-ms=120");
    return settings;
}

bool near(Nanos a, Nanos b) {
    return std::chrono::abs(a - b) < std::chrono::seconds(1);
}

std::uint64_t counted(const AutorateRun& run, CycleCounter counter) {
    return run.counter(static_cast<std::size_t>(counter));
}

// Sets the clock, waits for the labels to follow, and looks at each slot from before to after.
void check_step(AutorateRun& run, WallClock& clock, Nanos ahead) {
    INFO("set ahead by " << to_ms(ahead) / 1e3 << " s");
    const auto before = *run.newest();
    const auto malformed = counted(run, CycleCounter::malformed);
    clock.set_ahead_by(ahead);
    REQUIRE(run.until([&](const CycleRecord& now) { return near(WallClock::ahead(now), ahead); }));
    REQUIRE(run.slots_pass(30));
    std::size_t slots = 0;
    std::size_t without = 0;
    for (const CycleRecord& record : run.records()) {
        if (record.slot <= before.slot) continue;
        ++slots;
        without += record.fresh == 0 ? 1U : 0U;
        CHECK(measurement_of(record) <= MeasurementState::fresh);
        CHECK((record.fresh == 0 || (record.rtt_us > 100'000 && record.rtt_us < 1'000'000)));
        CHECK(record.late == 0);
        CHECK(record.lost == 0);
        for (const Direction direction : {Direction::download, Direction::upload}) {
            const auto side = static_cast<std::size_t>(direction);
            CHECK(zone_of(record, direction) == Zone::green);
            CHECK(record.direction[side].wanted_bps == before.direction[side].wanted_bps);
        }
    }
    // The echoes that were under way, of two or three slots; a few more on a busy machine.
    CHECK(without <= 4 + slots / 10);
    CHECK(counted(run, CycleCounter::malformed) - malformed >= 3);
    CHECK(counted(run, CycleCounter::malformed) - malformed <= 15);
    // No slot was skipped, or made up for, because the clock said so.
    CHECK(run.newest()->missed_slots - before.missed_slots < 30);
    CHECK(router_of(*run.newest()) == RouterState::ok);
    CHECK(statistics_of(*run.newest()) == RouterState::ok);
    CHECK(run.router_agrees());
}

}  // namespace

TEST_CASE("a wall clock set an hour ahead or back costs the echoes under way and nothing else") {
    if (kInstrumented) {
        WARN("skipped: a sanitizer's runtime wants to be the first library");
        return;
    }
    AutorateRun run(long_line());
    run.config().set("baseline.initial_ms", "120.0");
    WallClock clock(run.files());
    run.start_and_settle(clock.environment());
    REQUIRE(run.slots_pass(10));
    const auto writes = run.sim().requests("PATCH");
    const auto connects = counted(run, CycleCounter::router_connects);
    for (const Nanos ahead : {Nanos(kHour), Nanos(0), Nanos(-kHour), Nanos(kHour)}) {
        check_step(run, clock, ahead);
    }
    CHECK(run.sim().requests("PATCH") == writes);
    CHECK(counted(run, CycleCounter::router_connects) == connects);
    const auto last = *run.newest();
    CHECK(run_wanctl({"shm", "verify", kWan}).code == 0);
    // What was saved in the future is believed in the past.
    CHECK(run.daemon().stop() == 0);
    clock.set_ahead_by(-kHour);
    run.start_and_settle(clock.environment());
    CHECK(run.logged("going on from the state before") == 1);
    CHECK(near(WallClock::ahead(*run.newest()), -kHour));
    CHECK(run.newest()->mono_ns > last.mono_ns);
}

TEST_CASE("on a full line rates fall as soon after the wall clock was set back as ever") {
    if (kInstrumented) {
        WARN("skipped: a sanitizer's runtime wants to be the first library");
        return;
    }
    AutorateRun run(line_settings(2));
    WallClock clock(run.files());
    run.start_and_settle(clock.environment());
    clock.set_ahead_by(-kHour);
    REQUIRE(run.until([&](const CycleRecord& now) { return near(WallClock::ahead(now), -kHour); }));
    CHECK(run.settle_low());
    CHECK(run.router_agrees());
}
