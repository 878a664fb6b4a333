// A writer at full speed, killed at random moments and started again, before readers in processes
// of their own that stay: they see whole records only and find each successor. 50 rounds, 500 with
// WANCTL_TEST_FULL=1.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "tests/stress/numbered_payload.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/shared_memory.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

constexpr std::size_t kReaders = 2;
constexpr std::chrono::seconds kToReattach{1};

enum class Manner : std::uint8_t { asleep_between, never_asleep };

// What a reader tells the test.
struct Tally {
    std::atomic<std::int64_t> epoch = 0;  // of the instance it is attached to
    std::atomic<std::uint64_t> instances = 0;
    std::atomic<std::uint64_t> accepted = 0;
    std::atomic<std::uint64_t> lost = 0;
    std::atomic<std::uint64_t> torn = 0;
    std::atomic<std::uint64_t> disorder = 0;
    std::atomic<std::uint64_t> same_epoch = 0;
};

struct Board {
    std::atomic<bool> stop = false;
    Tally tally[kReaders];
};

class Reader {
  public:
    Reader(const ScratchName& name, Tally& tally, Manner manner)
        : name_(name), tally_(tally), manner_(manner) {}

    void run(const std::atomic<bool>& stop) {
        while (!stop) {
            const std::uint32_t seen = segment_ ? segment_->doorbell() : 0;
            if (segment_ && read()) continue;
            if (attach() || !segment_ || manner_ == Manner::never_asleep) continue;
            static_cast<void>(segment_->wait(seen, std::chrono::milliseconds(250)));
        }
    }

  private:
    // False when there was nothing new.
    bool read() {
        NumberedPayload payload;
        std::uint64_t number = 0;
        const auto writer = static_cast<std::uint64_t>(segment_->facts().writer_pid);
        if (segment_->read_newest(payload, number) == ReadStatus::ok) {
            ++tally_.accepted;
            if (!payload.whole(number, writer)) ++tally_.torn;
        }
        const CursorStep step = cursor_->next(payload);
        if (step.status == CursorStatus::restarted) ++tally_.disorder;
        if (step.status != CursorStatus::record) return step.status == CursorStatus::contended;
        ++tally_.accepted;
        tally_.lost += step.lost;
        if (!payload.whole(step.number, writer)) ++tally_.torn;
        if (step.number < least_) ++tally_.disorder;
        least_ = step.number + 1;
        return true;
    }

    // True when it is at another instance now. Until that validates, the old mapping stays.
    bool attach() {
        const SteadyTime now = SystemClock().steady();
        if (segment_ && segment_->reattach_reason(now) == Reattach::no) return false;
        auto found = PayloadReader::attach(name_.str(), payload_abi(), {});
        if (!found || (segment_ && found->same_instance(*segment_))) return false;
        if (!epochs_.insert(found->facts().epoch_ns).second) ++tally_.same_epoch;
        segment_.emplace(std::move(*found));
        cursor_.emplace(segment_->records(), 0);
        least_ = 0;
        ++tally_.instances;
        tally_.epoch = segment_->facts().epoch_ns;
        return true;
    }

    const ScratchName& name_;
    Tally& tally_;
    Manner manner_;
    std::optional<PayloadReader> segment_;
    std::optional<Cursor<PayloadReader::ring>> cursor_;
    std::uint64_t least_ = 0;
    std::set<std::int64_t> epochs_;
};

int write_until_killed(const ScratchName& name) {
    auto writer =
        SegmentWriter<NumberedPayload>::create(options_for(name), payload_abi(), SystemClock());
    if (!writer) return 2;
    const auto self = static_cast<std::uint64_t>(::getpid());
    NumberedPayload payload;
    for (std::uint64_t n = 0;; ++n) {
        payload.fill(n, self);
        if (n % 64 == 0) {
            writer->publish(payload);
        } else {
            writer->publish_quietly(payload);
        }
    }
}

// The slot after the newest record is odd: the writer died inside it.
bool half_written(const AttachedSegment& segment) {
    const auto& layout =
        *reinterpret_cast<const SegmentLayout<NumberedPayload>*>(segment.object.data());
    const std::uint64_t head = MappedAtomics::load_acquire(layout.frame.header.head);
    return MappedAtomics::load_acquire(layout.slots[head % kSlots].sequence) % 2 == 1;
}

struct Found {
    int half_written = 0;
    std::vector<Nanos> to_reattach;
};

// One life of a writer, from its start to its death. False when a step missed its deadline.
bool live_and_die(const ScratchName& name, const Board& board, std::uint64_t lifetime,
                  Found& found) {
    const SystemClock clock;
    Child writer([&] { return write_until_killed(name); });
    std::optional<AttachedSegment> segment;
    const bool appeared = wait_until([&] {
        auto attached = attach(name.str(), payload_abi(), {});
        if (!attached || attached->facts.writer_pid != writer.pid()) return false;
        segment.emplace(std::move(*attached));
        return true;
    });
    const SteadyTime born = clock.steady();
    const auto all_there = [&] {
        return std::ranges::all_of(board.tally, [&](const Tally& tally) {
            return tally.epoch == segment->facts.epoch_ns;
        });
    };
    if (!appeared || !wait_until(all_there, kToReattach)) return false;
    found.to_reattach.push_back(clock.steady() - born);
    while (MappedAtomics::load_acquire(segment->header().head) < lifetime) {
        if (clock.steady() > born + kPatience) return false;
        std::this_thread::yield();
    }
    writer.kill_hard();
    if (half_written(*segment)) ++found.half_written;
    return liveness_of(*segment, clock.steady()) == Liveness::dead;
}

}  // namespace

TEST_CASE("readers outlive a writer that is killed and started again, round after round") {
    const ScratchName name("rounds");
    const SharedMemory<Board> board;
    const std::uint64_t rounds = full_run() ? 500 : 50;
    std::vector<std::unique_ptr<Child>> readers;
    for (std::size_t i = 0; i < kReaders; ++i) {
        readers.push_back(std::make_unique<Child>([&, i] {
            Reader(name, board->tally[i], i == 0 ? Manner::asleep_between : Manner::never_asleep)
                .run(board->stop);
            return 0;
        }));
    }
    std::minstd_rand random(7);
    Found found;
    std::uint64_t lived = 0;
    while (lived < rounds && live_and_die(name, *board, random() % 20'000, found)) ++lived;
    CHECK(lived == rounds);
    board->stop = true;
    for (const auto& reader : readers) CHECK(reader->wait() == 0);

    for (const Tally& tally : board->tally) {
        CHECK(tally.torn == 0);
        CHECK(tally.disorder == 0);
        CHECK(tally.same_epoch == 0);
        CHECK(tally.instances == rounds);
        CHECK(tally.accepted > rounds);
        fmt::print("{} instances, {} records accepted, {} lost, {} torn\n", tally.instances.load(),
                   tally.accepted.load(), tally.lost.load(), tally.torn.load());
    }
    // Else no death was of the interesting kind.
    CHECK(found.half_written > 0);
    std::ranges::sort(found.to_reattach);
    REQUIRE_FALSE(found.to_reattach.empty());
    fmt::print(
        "{} kills, {} inside a slot; readers at the successor after {} us (median), {} us "
        "(worst)\n",
        lived, found.half_written, found.to_reattach[found.to_reattach.size() / 2].count() / 1000,
        found.to_reattach.back().count() / 1000);
}
