#include "common/loop/notifier.hpp"

#include <cstdlib>
#include <functional>
#include <future>

#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/support/notify_socket.hpp"

using namespace wanctl;
using namespace std::chrono_literals;

namespace {

using Heard = std::vector<std::string>;

// What systemd sets for a service with a watchdog.
class ServiceEnvironment {
  public:
    explicit ServiceEnvironment(const std::string& address) {
        ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
        ::setenv("WATCHDOG_USEC", "400000", 1);
        ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    }
    ~ServiceEnvironment() {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }
    ServiceEnvironment(const ServiceEnvironment&) = delete;
    ServiceEnvironment& operator=(const ServiceEnvironment&) = delete;
};

struct Bench {
    test::NotifySocket systemd;
    ServiceEnvironment environment{systemd.path()};
    Notifier notifier;

    explicit Bench(const std::string& abstract_name = "") : systemd(abstract_name) {}

    // What was heard beyond the filling since the last time.
    Heard news() {
        const auto& all = systemd.heard();
        Heard fresh;
        for (; seen < all.size(); ++seen)
            if (all[seen] != "FILL=1") fresh.push_back(all[seen]);
        return fresh;
    }
    // False when `call` has not returned within any deadline; whatever it waits for then ends.
    bool returns(const std::function<void()>& call) {
        auto done = std::async(std::launch::async, call);
        if (done.wait_for(10s) == std::future_status::ready) return true;
        while (done.wait_for(10ms) != std::future_status::ready) (void)systemd.heard();
        return false;
    }

    std::size_t seen = 0;
};

constexpr SteadyTime kBegin{1s};

}  // namespace

TEST_CASE("what is told is heard, on a socket with a path and on an abstract one") {
    const auto* name = GENERATE("", "wanctl-notifier-test");
    Bench bench(*name == '\0' ? "" : name + std::to_string(::getpid()));
    bench.notifier.ready("measuring");
    bench.notifier.status("measuring");
    bench.notifier.status("blackout");
    bench.notifier.alive(kBegin);
    bench.notifier.alive(kBegin + 99ms);
    bench.notifier.alive(kBegin + 100ms);
    bench.notifier.reloading(kBegin);
    bench.notifier.reloaded();
    bench.notifier.stopping();
    CHECK(bench.news() == Heard{"READY=1", "STATUS=measuring", "STATUS=blackout", "WATCHDOG=1",
                                "WATCHDOG=1", "RELOADING=1", "MONOTONIC_USEC=1000000", "READY=1",
                                "STOPPING=1"});
}

TEST_CASE("a manager that reads nothing holds nobody up, and hears what it must know later") {
    Bench bench;
    bench.systemd.fill();
    CHECK(bench.returns([&] {
        bench.notifier.ready("measuring");
        bench.notifier.status("blackout");
        bench.notifier.status("offline");
        bench.notifier.reloading(kBegin);
        bench.notifier.reloaded();
        for (int slot = 0; slot < 100; ++slot) bench.notifier.alive(kBegin + slot * 50ms);
    }));
    CHECK(bench.news().empty());
    bench.notifier.alive(kBegin + 5001ms);
    CHECK(bench.news() == Heard{"READY=1", "RELOADING=1", "MONOTONIC_USEC=1000000", "READY=1",
                                "STATUS=offline", "WATCHDOG=1"});
}

TEST_CASE("a lost keep-alive is sent again by the next slot, not a quarter of the watchdog later") {
    Bench bench;
    bench.notifier.alive(kBegin);
    REQUIRE(bench.news() == Heard{"WATCHDOG=1"});
    bench.systemd.fill();
    REQUIRE(bench.returns([&] { bench.notifier.alive(kBegin + 100ms); }));
    CHECK(bench.news().empty());
    bench.notifier.alive(kBegin + 101ms);
    CHECK(bench.news() == Heard{"WATCHDOG=1"});
}

TEST_CASE("reloads nobody hears of are not hoarded: the last word is READY") {
    Bench bench;
    bench.systemd.fill();
    REQUIRE(bench.returns([&] {
        for (int i = 0; i < 50; ++i) {
            bench.notifier.reloading(kBegin + i * 1s);
            bench.notifier.reloaded();
        }
    }));
    (void)bench.news();
    bench.notifier.alive(kBegin);
    const Heard news = bench.news();
    CHECK(news == Heard{"RELOADING=1", "MONOTONIC_USEC=49000000", "READY=1", "RELOADING=1",
                        "MONOTONIC_USEC=50000000", "READY=1", "WATCHDOG=1"});
}

TEST_CASE("without a manager, or with one that has gone, nothing is told and nothing breaks") {
    const std::string address =
        GENERATE("", "@", "relative", "vsock:2:1", "/nowhere/notify", std::string(200, '/'));
    const ServiceEnvironment environment(address);
    Notifier notifier;
    notifier.ready("measuring");
    notifier.alive(kBegin);
    notifier.stopping();
}
