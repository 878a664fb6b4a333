// Processes that are stopped instead of killed: a writer whose lock is held while its heart stands
// still, and readers that stop or die at the worst moment, of which the writer must not notice
// anything.
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "shm/file_lock.hpp"
#include "tests/stress/numbered_payload.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/instrumented.hpp"
#include "tests/support/shared_memory.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

using PayloadWriter = SegmentWriter<NumberedPayload>;

SteadyTime now() {
    return SystemClock().steady();
}

// Stopped for certain when this returns.
bool stop(const Child& child) {
    int status = 0;
    return ::kill(child.pid(), SIGSTOP) == 0 &&
           ::waitpid(child.pid(), &status, WUNTRACED) == child.pid() && WIFSTOPPED(status);
}

// Publishes and beats every millisecond, with a promise short enough to be broken in a test.
int beat_until_killed(const ScratchName& name) {
    WriterOptions options = options_for(name);
    options.stale_after = std::chrono::milliseconds(100);
    auto writer = PayloadWriter::create(options, payload_abi(), SystemClock());
    if (!writer) return 2;
    const std::uint32_t nothing = 0;
    for (;;) {
        writer->heartbeat(now());
        writer->publish(NumberedPayload{});
        static_cast<void>(wait_doorbell(&nothing, 0, std::chrono::milliseconds(1)));
    }
}

// How often each system call was made.
using Calls = std::map<std::uint64_t, std::uint64_t>;

// Those of `work`, in a child. Before it begins, `prepared` runs here; `prepare` in the child,
// whose calls do not count. Empty when a step failed.
Calls system_calls(const std::function<bool()>& prepare, const std::function<void()>& prepared,
                   const std::function<void()>& work) {
    // Marks the begin and the end.
    constexpr std::uint64_t kMark = SYS_getppid;
    const Child child([&] {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        std::raise(SIGSTOP);
        if (!prepare()) return 2;
        ::syscall(kMark);
        work();
        ::syscall(kMark);
        return 0;
    });
    int status = 0;
    const auto stopped = [&](int signal) {
        return ::waitpid(child.pid(), &status, 0) == child.pid() && WIFSTOPPED(status) &&
               WSTOPSIG(status) == signal;
    };
    if (!stopped(SIGSTOP)) return {};
    ::ptrace(PTRACE_SETOPTIONS, child.pid(), nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    Calls calls;
    for (int marks = 0; marks < 2;) {
        ::ptrace(PTRACE_SYSCALL, child.pid(), nullptr, nullptr);
        if (!stopped(SIGTRAP | 0x80)) return {};
        __ptrace_syscall_info info{};
        ::ptrace(PTRACE_GET_SYSCALL_INFO, child.pid(), sizeof info, &info);
        if (info.op != PTRACE_SYSCALL_INFO_ENTRY) continue;
        if (info.entry.nr == kMark) {
            if (++marks == 1) prepared();
        } else if (marks == 1) {
            ++calls[info.entry.nr];
        }
    }
    return calls;
}

std::uint64_t calls_of(const Calls& calls, std::uint64_t number) {
    const auto found = calls.find(number);
    return found == calls.end() ? 0 : found->second;
}

// Readers of every kind at work: one that never pauses, one asleep on the doorbell.
std::vector<std::unique_ptr<Child>> readers_at_work(const ScratchName& name) {
    const SharedMemory<std::atomic<int>> attached;
    std::vector<std::unique_ptr<Child>> readers;
    for (const bool sleeps : {false, true}) {
        readers.push_back(std::make_unique<Child>([&, sleeps] {
            const auto reader = PayloadReader::attach(name.str(), payload_abi(), {});
            if (!reader) return 2;
            ++*attached;
            NumberedPayload payload;
            std::uint64_t number = 0;
            for (;;) {
                const std::uint32_t seen = reader->doorbell();
                static_cast<void>(reader->read_newest(payload, number));
                if (sleeps) static_cast<void>(reader->wait(seen, std::chrono::seconds(60)));
            }
        }));
    }
    REQUIRE(wait_until([&] { return *attached == 2; }));
    return readers;
}

enum class Readers : std::uint8_t { none, stopped, killed };

}  // namespace

TEST_CASE("a stopped writer is hung while its lock is held, and live again when it goes on") {
    const ScratchName name("sigstop");
    Child writer([&] { return beat_until_killed(name); });
    std::optional<AttachedSegment> segment;
    REQUIRE(wait_until([&] {
        auto attached = attach(name.str(), payload_abi(), {});
        if (attached) segment.emplace(std::move(*attached));
        return segment.has_value();
    }));
    const auto liveness = [&] { return liveness_of(*segment, now()); };
    REQUIRE(wait_until([&] { return liveness() == Liveness::live; }));

    REQUIRE(stop(writer));
    bool ever_dead = false;
    CHECK(wait_until([&] {
        const Liveness seen = liveness();
        ever_dead |= seen != Liveness::live && seen != Liveness::hung;
        return seen == Liveness::hung;
    }));
    CHECK_FALSE(ever_dead);
    CHECK(first_byte_locked(segment->object.fd()));
    CHECK(reattach_reason(*segment, now()) == Reattach::stale);
    // It may go on at any moment: nobody may take its name.
    const auto second = PayloadWriter::create(options_for(name), payload_abi(), SystemClock());
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::busy);

    const std::uint64_t head = MappedAtomics::load_acquire(segment->header().head);
    REQUIRE(::kill(writer.pid(), SIGCONT) == 0);
    CHECK(wait_until([&] { return liveness() == Liveness::live; }));
    CHECK(reattach_reason(*segment, now()) == Reattach::no);
    CHECK(wait_until([&] { return MappedAtomics::load_acquire(segment->header().head) > head; }));

    // Death shows at once, however fresh the last heartbeat.
    writer.kill_hard();
    CHECK_FALSE(first_byte_locked(segment->object.fd()));
    CHECK(liveness() == Liveness::dead);
}

TEST_CASE("a writer does the same work whether its readers live, stop or die") {
    constexpr std::uint64_t kRecords = kSlots + 100;
    constexpr std::uint64_t kBefore = 10;
    for (const Readers kind : {Readers::none, Readers::stopped, Readers::killed}) {
        CAPTURE(static_cast<int>(kind));
        const ScratchName name("unmoved");
        std::optional<PayloadWriter> writer;
        std::vector<std::unique_ptr<Child>> readers;
        const SharedMemory<std::atomic<std::uint64_t>> published;
        const Calls calls = system_calls(
            [&] {
                auto made = PayloadWriter::create(options_for(name), payload_abi(), SystemClock());
                if (!made) return false;
                writer.emplace(std::move(*made));
                for (std::uint64_t n = 0; n < kBefore; ++n) writer->publish(NumberedPayload{});
                return true;
            },
            [&] {
                if (kind == Readers::none) return;
                readers = readers_at_work(name);
                for (const auto& reader : readers) REQUIRE(stop(*reader));
                if (kind == Readers::killed) readers.clear();
            },
            [&] {
                for (std::uint64_t n = 0; n < kRecords; ++n) writer->publish(NumberedPayload{});
                *published = writer->published();
            });
        // One wake-up a record, and nothing else but what a sanitizer does for itself.
        CHECK(calls_of(calls, SYS_futex) == kRecords);
        if (!kInstrumented) CHECK(calls.size() == 1);
        CHECK(*published == kBefore + kRecords);
        const auto reader = PayloadReader::attach(name.str(), payload_abi(), {});
        REQUIRE(reader);
        CHECK(reader->head() == kBefore + kRecords);
    }
}
