#include "tests/perf/ring_readers.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "tests/perf/percentiles.hpp"
#include "tests/stress/numbered_payload.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/shared_memory.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"

namespace wanctl::perf {
namespace {

using namespace wanctl::test;
using Writer = shm::SegmentWriter<NumberedPayload>;

constexpr std::size_t kMostReaders = 4;
constexpr std::size_t kSamples = 100'000;
constexpr int kWakeUps = 2'000;
constexpr Nanos kBetweenWakeUps = std::chrono::milliseconds(1);

// Of one reader.
struct Tally {
    std::atomic<std::uint64_t> count = 0;
    std::atomic<std::uint64_t> torn = 0;
    std::array<std::int64_t, kSamples> ns{};  // the last `count`, at most all

    void add(Nanos sample) {
        ns[count % kSamples] = sample.count();
        ++count;
    }
};

struct Board {
    std::atomic<bool> stop = false;
    std::atomic<std::size_t> ready = 0;
    std::array<Tally, kMostReaders> tally;
};

Writer new_payload_writer(const ScratchName& name) {
    auto writer = Writer::create(options_for(name), payload_abi(), SystemClock());
    if (!writer) throw std::runtime_error(writer.error().message);
    return std::move(*writer);
}

// A segment and readers of it in processes of their own, all attached.
class Field {
  public:
    using Work = std::function<void(const PayloadReader&, Board&, Tally&)>;

    Field(std::size_t readers, const Work& work) : writer_(new_payload_writer(name_)) {
        for (std::size_t i = 0; i < readers; ++i) {
            readers_.push_back(std::make_unique<Child>([&, i] {
                const auto reader = PayloadReader::attach(name_.str(), payload_abi(), {});
                if (!reader) return 2;
                ++board_->ready;
                work(*reader, *board_, board_->tally[i]);
                return 0;
            }));
        }
        if (!wait_until([&] { return board_->ready == readers; })) {
            throw std::runtime_error("a reader did not attach");
        }
    }

    Writer& writer() { return writer_; }
    Board& board() { return *board_; }
    void signal_all(int number) {
        for (const auto& reader : readers_) ::kill(reader->pid(), number);
    }
    // Ends the readers; those that sleep are woken.
    void finish() {
        board_->stop = true;
        NumberedPayload last{};
        last.fill(writer_.published());
        writer_.publish(last);
        for (const auto& reader : readers_) reader->wait();
    }
    [[nodiscard]] std::vector<Nanos> samples() const {
        std::vector<Nanos> all;
        for (const Tally& tally : board_->tally) {
            const std::size_t count = std::min<std::size_t>(tally.count, kSamples);
            for (std::size_t i = 0; i < count; ++i) all.emplace_back(tally.ns[i]);
        }
        return all;
    }

  private:
    ScratchName name_{"perf"};
    SharedMemory<Board> board_;
    Writer writer_;
    std::vector<std::unique_ptr<Child>> readers_;
};

std::string with(const char* what, std::size_t readers) {
    return fmt::format("{}, {} reader{}", what, readers, readers == 1 ? "" : "s");
}

void read_timed(const PayloadReader& reader, Board& board, Tally& tally) {
    const SystemClock clock;
    NumberedPayload payload;
    std::uint64_t number = 0;
    // Every sixteenth counts, so that what is kept spans the writer's whole run and not its end.
    for (std::uint64_t reads = 0; !board.stop; ++reads) {
        const SteadyTime before = clock.steady();
        static_cast<void>(reader.read_newest(payload, number));
        const Nanos took = clock.steady() - before;
        if (reads % 16 == 0) tally.add(took);
    }
}

void read_checked(const PayloadReader& reader, Board& board, Tally& tally) {
    NumberedPayload payload;
    std::uint64_t number = 0;
    while (!board.stop) {
        if (reader.read_newest(payload, number) != shm::ReadStatus::ok) continue;
        ++tally.count;
        if (!payload.whole(number)) ++tally.torn;
    }
}

// Sleeps for every record; the record's second word is the writer's time right before publish().
void wake_timed(const PayloadReader& reader, Board& board, Tally& tally) {
    const SystemClock clock;
    NumberedPayload payload;
    std::uint64_t seen_records = reader.head();
    while (!board.stop) {
        const std::uint32_t seen = reader.doorbell();
        if (reader.head() == seen_records) {
            static_cast<void>(reader.wait(seen, std::chrono::seconds(1)));
        }
        const SteadyTime woken = clock.steady();
        std::uint64_t number = 0;
        if (reader.read_newest(payload, number) != shm::ReadStatus::ok) continue;
        if (number + 1 == seen_records || board.stop) continue;
        seen_records = number + 1;
        tally.add(woken.time_since_epoch() - Nanos(payload.words[1]));
    }
}

void publish_and_read(std::size_t readers, const Clock& clock, Nanos clock_look) {
    Field field(readers, read_timed);
    NumberedPayload payload{};
    auto publish = timed(clock, [&] { field.writer().publish(payload); });
    field.finish();
    report(with("publish", readers).c_str(), std::move(publish), clock_look, Nanos(0));
    report(with("read newest", readers).c_str(), field.samples(), clock_look, Nanos(0));
}

void publish_beside_stopped(std::size_t readers, const Clock& clock, Nanos clock_look) {
    Field field(readers, read_timed);
    field.signal_all(SIGSTOP);
    NumberedPayload payload{};
    auto publish = timed(clock, [&] { field.writer().publish(payload); });
    field.signal_all(SIGCONT);
    field.finish();
    report(fmt::format("publish, {} stopped readers", readers).c_str(), std::move(publish),
           clock_look, Nanos(0));
}

void wake_up(std::size_t readers, const Clock& clock, Nanos clock_look) {
    Field field(readers, wake_timed);
    NumberedPayload payload{};
    const std::uint32_t silent = 0;
    for (int i = 0; i < kWakeUps; ++i) {
        static_cast<void>(shm::wait_doorbell(&silent, 0, kBetweenWakeUps));
        payload.words[1] = static_cast<std::uint64_t>(clock.steady().time_since_epoch().count());
        field.writer().publish(payload);
    }
    field.finish();
    report(with("publish to awake", readers).c_str(), field.samples(), clock_look, Nanos(0));
}

bool none_torn(const Clock& clock) {
    const Nanos duration = full_run() ? std::chrono::seconds(30) : std::chrono::seconds(2);
    Field field(kMostReaders, read_checked);
    const SteadyTime end = clock.steady() + duration;
    NumberedPayload payload;
    while (clock.steady() < end) {
        for (int i = 0; i < 1000; ++i) {
            payload.fill(field.writer().published());
            field.writer().publish_quietly(payload);
        }
    }
    const std::uint64_t published = field.writer().published();
    field.finish();
    std::uint64_t read = 0;
    std::uint64_t torn = 0;
    for (const Tally& tally : field.board().tally) {
        read += tally.count;
        torn += tally.torn;
    }
    fmt::print("{} readers for {} s at full speed: {} records published, {} read, {} not whole\n",
               kMostReaders, duration.count() / 1'000'000'000, published, read, torn);
    return torn == 0;
}

}  // namespace

bool print_with_readers() {
    const SystemClock clock;
    const Nanos clock_look = clock_cost(clock);
    for (const std::size_t readers : {1, 2, 4}) publish_and_read(readers, clock, clock_look);
    publish_beside_stopped(kMostReaders, clock, clock_look);
    for (const std::size_t readers : {1, 2, 4}) wake_up(readers, clock, clock_look);
    return none_torn(clock);
}

}  // namespace wanctl::perf
