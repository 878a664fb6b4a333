#include "common/history/store.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "common/history/schema.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/history/made_feed.hpp"
#include "tests/unit/history/sql_file.hpp"
#include "tests/unit/log/log_pipe.hpp"

using namespace wanctl;
using namespace wanctl::history;
using wanctl::test::kFirstMs;
using wanctl::test::kSlotMs;
using wanctl::test::kSumOfFile;
using wanctl::test::MadeFeed;
using wanctl::test::SqlFile;
using wanctl::test::sum_of_made_rows;

namespace {

// Goes by itself, from the first made row on.
class RunningClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return system_.steady(); }
    [[nodiscard]] WallTime wall() const override {
        return WallTime(std::chrono::milliseconds(kFirstMs) + (system_.steady() - begin_));
    }

  private:
    SystemClock system_;
    SteadyTime begin_ = system_.steady();
};

}  // namespace

TEST_CASE("a store follows its feed by a thread of its own, and ends with everything stored") {
    const test::TempDir dir;
    const RunningClock clock;
    test::LogPipe pipe;
    std::atomic<std::uint64_t> rows{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<StoreState> state{StoreState::opening};
    std::atomic<int> times_off{0};
    const auto watch = [&](const StoreFigures& figures) {
        times_off += figures.state == StoreState::off;
        rows = figures.rows;
        dropped = figures.events_dropped;
        state = figures.state;
    };
    const auto fed = [](std::int64_t slots) {
        auto feed = std::make_unique<MadeFeed>();
        feed->publish(slots);
        return feed;
    };
    const FileOptions file{dir.file("a.db"), "cable", &cycle_layout(), {}};
    auto store = std::make_unique<Store>(RecorderOptions{file, std::chrono::milliseconds(5)},
                                         Store::Source{fed(70), watch, nullptr}, clock, pipe.log());
    REQUIRE(test::wait_until([&rows] { return rows == 70; }));
    CHECK(state == StoreState::recording);
    store->tell({kFirstMs, "reload", ""});
    // The next one takes its place, and has all that it had not stored.
    store =
        std::make_unique<Store>(RecorderOptions{file, std::chrono::hours(1)},
                                Store::Source{fed(90), watch, std::move(store)}, clock, pipe.log());
    store->tell({kFirstMs, "alert", ""});
    store->stop();
    store->stop();
    CHECK(state == StoreState::off);
    // The one before was never that: its place was taken.
    CHECK(times_off == 1);
    const SqlFile look(file.path);
    CHECK(look.one(kSumOfFile) == sum_of_made_rows(90, kSlotMs));
    CHECK(look.one("SELECT group_concat(kind) FROM (SELECT kind FROM events ORDER BY n)") ==
          "reload,alert");
    store.reset();

    // Nobody takes events while the thread waits out its first turn.
    Store full({{dir.file("no/a.db"), "cable", &cycle_layout(), {}}, std::chrono::hours(1)},
               {fed(0), watch, nullptr}, clock, pipe.log());
    REQUIRE(test::wait_until(
        [&pipe] { return pipe.taken().find("No such file") != std::string::npos; }));
    for (std::size_t i = 0; i < Store::kMostEvents + 5; ++i) full.tell({kFirstMs, "alert", ""});
    full.stop();
    CHECK(dropped == 5);
}

TEST_CASE("stores that take each other's place on a locked file end together, not in turn") {
    const test::TempDir dir;
    const RunningClock clock;
    test::LogPipe pipe;
    const FileOptions file{dir.file("a.db"), "cable", &cycle_layout(), {}};
    const auto fed = [] {
        auto feed = std::make_unique<MadeFeed>();
        feed->publish(10);
        return feed;
    };
    const auto next = [&](std::unique_ptr<Store> before) {
        if (before) before->end_soon();
        return std::make_unique<Store>(
            RecorderOptions{file, std::chrono::milliseconds(5)},
            Store::Source{fed(), [](const StoreFigures&) {}, std::move(before)}, clock, pipe.log());
    };
    auto store = next(nullptr);
    REQUIRE(test::wait_until(
        [&pipe] { return pipe.taken().find("a new file is begun") != std::string::npos; }));
    const SqlFile holder(file.path);
    holder.run("BEGIN IMMEDIATE");
    for (int i = 0; i < 8; ++i) store = next(std::move(store));
    const SteadyTime begin = clock.steady();
    store->stop();
    CHECK(clock.steady() - begin < 3 * Store::kLastPatience);
}
