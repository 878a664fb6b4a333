#include "shm/wait.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>

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

constexpr Nanos kLong = std::chrono::seconds(20);

// Each round is a ring and the ring that answers it.
std::uint64_t rounds() {
    return full_run() ? 500'000 : 10'000;
}

// Up to some microseconds, so that a ring falls before, into and after the other's falling asleep.
class RandomPace {
  public:
    explicit RandomPace(std::uint32_t seed) : random_(seed) {}

    void pause() {
        // Most waits are short, some long.
        const std::uint32_t turns = coin() ? random_() % 64 : random_() % 4096;
        for (std::uint32_t i = 0; i < turns; ++i)
            std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    [[nodiscard]] bool coin() { return (random_() & 1U) != 0; }

  private:
    std::minstd_rand random_;
};

// Until there is record `number`; false when the sleep ran into its deadline: a lost wake-up.
bool wait_for(const CycleReader& reader, std::uint64_t number) {
    for (;;) {
        const std::uint32_t seen = reader.doorbell();
        if (reader.head() > number) return true;
        if (reader.wait(seen, kLong) == WaitResult::timed_out) return false;
    }
}

// The same for so many records on both together.
bool wait_for_both(const CycleReader& first, const CycleReader& second, std::uint64_t total) {
    for (;;) {
        const std::array bells{first.bell(first.doorbell()), second.bell(second.doorbell())};
        if (first.head() + second.head() >= total) return true;
        if (wait_any(bells, kLong) == WaitResult::timed_out) return false;
    }
}

CycleReader reader_of(const ScratchName& name) {
    const SystemClock clock;
    const SteadyTime deadline = clock.steady() + kLong;
    for (;;) {
        auto reader = new_reader(name);
        if (reader) return std::move(*reader);
        if (clock.steady() > deadline) throw std::runtime_error(reader.error().text);
        std::this_thread::yield();
    }
}

// The child wakes on either of two segments and answers every record on a third.
void answer_two_rings(std::uint64_t count, const std::function<bool()>& prepare) {
    const ScratchName first_name("any-first");
    const ScratchName second_name("any-second");
    const ScratchName answer_name("any-answer");
    auto first = new_writer(first_name);
    auto second = new_writer(second_name);
    REQUIRE(first);
    REQUIRE(second);
    Child child([&] {
        auto answer = new_writer(answer_name);
        const auto readers = std::pair(new_reader(first_name), new_reader(second_name));
        if (!answer || !readers.first || !readers.second || !prepare()) return 2;
        RandomPace pace(2);
        for (std::uint64_t n = 1; n <= count; ++n) {
            if (!wait_for_both(*readers.first, *readers.second, n)) return 3;
            pace.pause();
            answer->publish(CycleRecord{});
        }
        return 0;
    });
    const CycleReader reader = reader_of(answer_name);
    RandomPace pace(1);
    bool all = true;
    for (std::uint64_t n = 0; n < count && all; ++n) {
        pace.pause();
        (pace.coin() ? *first : *second).publish(CycleRecord{});
        all = wait_for(reader, n);
    }
    CHECK(all);
    CHECK(child.wait() == 0);
}

// Blocked in the kernel, waiting for something.
bool sleeps(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(file, line);
    const std::size_t bracket = line.rfind(')');
    return bracket != std::string::npos && line.substr(bracket, 3) == ") S";
}

// From here on this process has no futex_waitv, as on a kernel that never had it.
bool forbid_waitv() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex_waitv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 &&
           ::syscall(SYS_futex_waitv, nullptr, 0, 0, nullptr, 0) == -1 && errno == ENOSYS;
}

}  // namespace

TEST_CASE("a word that has already changed is not waited for") {
    const std::uint32_t word = 5;
    CHECK(wait_doorbell(&word, 4, kLong) == WaitResult::rung);
    const std::uint32_t other = 9;
    const std::array bells{Doorbell{&word, 5}, Doorbell{&other, 8}};
    CHECK(wait_any(bells, kLong) == WaitResult::rung);
}

TEST_CASE("a silent doorbell times out, and not before its time") {
    const std::uint32_t word = 5;
    const std::array both{Doorbell{&word, 5}, Doorbell{&word, 5}};
    const SystemClock clock;
    const auto all_silent = [&](Nanos timeout) {
        const SteadyTime begun = clock.steady();
        CHECK(wait_doorbell(&word, 5, timeout) == WaitResult::timed_out);
        CHECK(wait_any(both, timeout) == WaitResult::timed_out);
        CHECK(wait_any({}, timeout) == WaitResult::timed_out);
        return clock.steady() - begun;
    };
    for (const Nanos timeout : {Nanos(1'000'000), Nanos(12'000'000)}) {
        CHECK(all_silent(timeout) >= 3 * timeout);
    }
    all_silent(Nanos(0));
    all_silent(Nanos(-5));
}

TEST_CASE("without futex_waitv a silent doorbell times out as well, and not before its time") {
    Child child([] {
        const std::uint32_t word = 5;
        const std::array both{Doorbell{&word, 5}, Doorbell{&word, 5}};
        if (!forbid_waitv()) return 2;
        const SystemClock clock;
        const SteadyTime begun = clock.steady();
        if (wait_any(both, Nanos(12'000'000)) != WaitResult::timed_out) return 3;
        if (wait_any(both, Nanos(-5)) != WaitResult::timed_out) return 4;
        return clock.steady() - begun >= Nanos(12'000'000) ? 0 : 5;
    });
    CHECK(child.wait() == 0);
}

TEST_CASE("a signal ends a wait, whatever it waits for") {
    Child child([] {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        ::sigaction(SIGALRM, &action, nullptr);
        // Again and again: one alone could come before the sleep.
        const itimerval often{{0, 2'000}, {0, 2'000}};
        ::setitimer(ITIMER_REAL, &often, nullptr);
        const std::uint32_t word = 5;
        const std::array both{Doorbell{&word, 5}, Doorbell{&word, 5}};
        if (wait_doorbell(&word, 5, kLong) != WaitResult::interrupted) return 2;
        if (wait_any(both, kLong) != WaitResult::interrupted) return 3;
        if (wait_any({}, kLong) != WaitResult::interrupted) return 4;
        if (!forbid_waitv()) return 5;
        return wait_any(both, kLong) == WaitResult::interrupted ? 0 : 6;
    });
    CHECK(child.wait() == 0);
}

TEST_CASE("a process asleep on read-only mappings is woken by one ring of any kind of news") {
    using Readers = std::pair<CycleReader, CycleReader>;
    struct Case {
        const char* what;
        std::function<WaitResult(const Readers&)> sleep;
        std::function<void(CycleWriter&)> ring;
    };
    const auto one = [](const Readers& readers) {
        return readers.second.wait(readers.second.doorbell(), kLong);
    };
    const auto both = [](const Readers& readers, Nanos timeout) {
        const std::array bells{readers.first.bell(readers.first.doorbell()),
                               readers.second.bell(readers.second.doorbell())};
        return wait_any(bells, timeout);
    };
    const auto record = [](CycleWriter& writer) { writer.publish(record_of(0)); };
    const Case cases[] = {
        {"a record", one, record},
        {"the end", one, [](CycleWriter& writer) { writer.stop(); }},
        {"a record on the second", [&](const Readers& r) { return both(r, kLong); }, record},
        {"waiting for ever", [&](const Readers& r) { return both(r, Nanos::max()); }, record},
    };
    for (const Case& each : cases) {
        CAPTURE(each.what);
        const ScratchName silent_name("silent");
        const ScratchName name("wake");
        auto silent = new_writer(silent_name);
        auto writer = new_writer(name);
        REQUIRE(silent);
        REQUIRE(writer);
        const SharedMemory<std::atomic<bool>> ready;
        Child child([&] {
            const Readers readers{reader_of(silent_name), reader_of(name)};
            *ready = true;
            return each.sleep(readers) == WaitResult::rung ? 0 : 1;
        });
        REQUIRE(wait_until([&] { return *ready && sleeps(child.pid()); }));
        each.ring(*writer);
        CHECK(child.wait() == 0);
    }
}

TEST_CASE("no wake-up is lost between two processes that answer each other") {
    const ScratchName ping_name("ping");
    const ScratchName pong_name("pong");
    auto ping = new_writer(ping_name);
    REQUIRE(ping);
    const std::uint64_t count = rounds();
    Child child([&] {
        auto pong = new_writer(pong_name);
        const auto reader = new_reader(ping_name);
        if (!pong || !reader) return 2;
        RandomPace pace(2);
        for (std::uint64_t n = 0; n < count; ++n) {
            if (!wait_for(*reader, n)) return 3;
            pace.pause();
            pong->publish(CycleRecord{});
        }
        return 0;
    });
    const CycleReader reader = reader_of(pong_name);
    RandomPace pace(1);
    bool all = true;
    for (std::uint64_t n = 0; n < count && all; ++n) {
        pace.pause();
        ping->publish(CycleRecord{});
        all = wait_for(reader, n);
    }
    CHECK(all);
    CHECK(child.wait() == 0);
}

TEST_CASE("no wake-up is lost by a process that sleeps on two segments") {
    answer_two_rings(rounds() / 2, [] { return true; });
}

TEST_CASE("no wake-up is lost on two segments where the kernel cannot wait for both") {
    answer_two_rings(full_run() ? 5'000 : 300, forbid_waitv);
}
