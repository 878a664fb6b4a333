#include "common/log/state_log.hpp"

#include "tests/unit/log/log_pipe.hpp"

using namespace wanctl;
using namespace wanctl::test;
using namespace std::chrono_literals;

namespace {

constexpr LogOptions kJournal{LogLevel::info, LogFormat::text, 2, true};

}  // namespace

TEST_CASE("a trouble that repeats is logged once, and its end says how often and how long") {
    LogPipe pipe(kJournal);
    StateLog trouble(pipe.log(), LogLevel::warning);
    for (int i = 0; i < 100; ++i) {
        trouble.occurred(SteadyTime(i * 50ms), "router unreachable", {{"code", 7}});
    }
    CHECK(trouble.active());
    CHECK(trouble.count() == 100);
    CHECK(pipe.taken() == "<4>router unreachable code=7\n");
    trouble.ended(SteadyTime(5s), "router answers again");
    CHECK(pipe.taken() == "<6>router answers again occurred=100 lasted_s=5\n");
    CHECK_FALSE(trouble.active());
}

TEST_CASE("the end of a trouble that never was says nothing") {
    LogPipe pipe(kJournal);
    StateLog trouble(pipe.log(), LogLevel::warning);
    trouble.ended(SteadyTime(5s), "router answers again");
    CHECK(pipe.taken().empty());
}

TEST_CASE(
    "a trouble that goes on is told again after the reminder's time, with the count between") {
    LogPipe pipe(kJournal);
    StateLog trouble(pipe.log(), LogLevel::error, 10min);
    for (int minute = 0; minute <= 25; ++minute) {
        trouble.occurred(SteadyTime(std::chrono::minutes(minute)), "no queue");
    }
    CHECK(pipe.taken() ==
          "<3>no queue\n"
          "<3>no queue repeated=10 within_s=600\n"
          "<3>no queue repeated=10 within_s=600\n");
}

TEST_CASE("another message is news, after the count of the one before") {
    LogPipe pipe(kJournal);
    StateLog trouble(pipe.log(), LogLevel::warning);
    trouble.occurred(SteadyTime(0s), "timeout");
    trouble.occurred(SteadyTime(1s), "timeout");
    trouble.occurred(SteadyTime(2s), "refused");
    CHECK(pipe.taken() == "<4>timeout\n<4>timeout repeated=1 within_s=2\n<4>refused\n");
    trouble.ended(SteadyTime(3s), "fine");
    CHECK(pipe.taken() == "<6>fine occurred=3 lasted_s=3\n");
}

TEST_CASE("a second spell of the same trouble is logged anew") {
    LogPipe pipe(kJournal);
    StateLog trouble(pipe.log(), LogLevel::warning);
    trouble.occurred(SteadyTime(0s), "timeout");
    trouble.ended(SteadyTime(1s), "fine");
    trouble.occurred(SteadyTime(2s), "timeout");
    CHECK(pipe.taken() == "<4>timeout\n<6>fine occurred=1 lasted_s=1\n<4>timeout\n");
}
