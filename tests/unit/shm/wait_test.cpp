#include "shm/wait.hpp"

#include <cstdlib>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

constexpr Nanos kLong = std::chrono::seconds(20);

std::uint64_t rings() {
    return std::getenv("WANCTL_TEST_FULL") != nullptr ? 1'000'000 : 50'000;
}

}  // namespace

TEST_CASE("a word that has already changed is not waited for") {
    const std::uint32_t word = 5;
    CHECK(wait_doorbell(&word, 4, kLong) == WaitResult::rung);
}

TEST_CASE("a silent doorbell times out") {
    const std::uint32_t word = 5;
    CHECK(wait_doorbell(&word, 5, std::chrono::milliseconds(1)) == WaitResult::timed_out);
    CHECK(wait_doorbell(&word, 5, Nanos(-5)) == WaitResult::timed_out);
}

TEST_CASE("a reader asleep on its read-only mapping is woken by every kind of news") {
    const ScratchName name("wake");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto wait_for_one = [&] {
        const auto reader = new_reader(name);
        if (!reader) return 2;
        const std::uint32_t seen = reader->doorbell();
        return reader->wait(seen, kLong) == WaitResult::rung ? 0 : 1;
    };
    for (int news = 0; news < 2; ++news) {
        std::atomic<bool> done = false;
        int result = -1;
        Child child(wait_for_one);
        // Whenever the child falls asleep, a later ring finds it there.
        std::thread ringer([&] {
            while (!done) {
                if (news == 0) {
                    writer->publish(record_of(0));
                } else {
                    writer->stop();
                }
                std::this_thread::yield();
            }
        });
        result = child.wait();
        done = true;
        ringer.join();
        CHECK(result == 0);
    }
}

TEST_CASE("no wake-up is lost between two processes that answer each other") {
    const ScratchName ping_name("ping");
    const ScratchName pong_name("pong");
    auto ping = new_writer(ping_name);
    REQUIRE(ping);
    const std::uint64_t count = rings();
    Child child([&] {
        auto pong = new_writer(pong_name);
        const auto reader = new_reader(ping_name);
        if (!pong || !reader) return 2;
        for (std::uint64_t n = 0; n < count; ++n) {
            for (;;) {
                const std::uint32_t seen = reader->doorbell();
                if (reader->head() > n) break;
                if (reader->wait(seen, kLong) == WaitResult::timed_out) return 3;
            }
            pong->publish(CycleRecord{});
        }
        return 0;
    });
    tl::expected<CycleReader, AttachFailure> reader = tl::unexpected(AttachFailure{});
    const SystemClock clock;
    const SteadyTime deadline = clock.steady() + kLong;
    while (!reader && clock.steady() < deadline) reader = new_reader(pong_name);
    REQUIRE(reader);
    bool lost = false;
    for (std::uint64_t n = 0; n < count && !lost; ++n) {
        ping->publish(CycleRecord{});
        for (;;) {
            const std::uint32_t seen = reader->doorbell();
            if (reader->head() > n) break;
            if (reader->wait(seen, kLong) == WaitResult::timed_out) {
                lost = true;
                break;
            }
        }
    }
    CHECK_FALSE(lost);
    CHECK(child.wait() == 0);
}
