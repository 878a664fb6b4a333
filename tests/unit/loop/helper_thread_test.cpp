#include "common/loop/helper_thread.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/wait_until.hpp"

using namespace wanctl;
using namespace std::chrono_literals;

namespace {

// A door that jobs wait at until the test opens it.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++at_gate_;
        opened_.wait(lock, [this] { return open_; });
    }
    [[nodiscard]] int at_gate() {
        const std::lock_guard lock(mutex_);
        return at_gate_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
    int at_gate_ = 0;
};

bool run_until(boost::asio::io_context& loop, const std::function<bool()>& done) {
    return test::wait_until([&] {
        loop.restart();
        loop.poll();
        return done();
    });
}

}  // namespace

TEST_CASE("a job runs on the helper thread and its result is handed over on the loop's") {
    boost::asio::io_context loop(1);
    HelperThread helper(loop);
    const auto here = std::this_thread::get_id();
    std::thread::id worked_on;
    std::thread::id handed_over_on;
    std::string text;
    REQUIRE(helper.run(
        Urgency::files, [] { return std::pair(std::string("found"), std::this_thread::get_id()); },
        [&](std::pair<std::string, std::thread::id> result) {
            text = result.first;
            worked_on = result.second;
            handed_over_on = std::this_thread::get_id();
        }));
    REQUIRE(run_until(loop, [&] { return !text.empty(); }));
    CHECK(text == "found");
    CHECK(worked_on != here);
    CHECK(handed_over_on == here);
}

TEST_CASE("jobs run one after the other, in order, and a result waits for the loop to turn") {
    boost::asio::io_context loop(1);
    HelperThread helper(loop);
    std::atomic<int> at_once = 0;
    std::atomic<int> most_at_once = 0;
    std::vector<int> order;
    for (int i = 0; i < 20; ++i) {
        REQUIRE(helper.run(
            Urgency::files,
            [&, i] {
                most_at_once = std::max(most_at_once.load(), ++at_once);
                std::this_thread::yield();
                --at_once;
                return i;
            },
            [&](int result) { order.push_back(result); }));
    }
    REQUIRE(helper.finish(20s));
    CHECK(order.empty());
    loop.poll();
    CHECK(most_at_once == 1);
    REQUIRE(order.size() == 20);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("too many waiting jobs are refused, and accepted again when there is room") {
    boost::asio::io_context loop(1);
    const auto gate = std::make_shared<Gate>();
    HelperThread helper(loop);
    const HelperThread::Job job = [gate] {
        gate->pass();
        return HelperThread::Then();
    };
    REQUIRE(helper.run(Urgency::files, job));
    REQUIRE(test::wait_until([&] { return gate->at_gate() == 1; }));
    for (std::size_t i = 0; i < HelperThread::kMostWaiting; ++i)
        REQUIRE(helper.run(Urgency::files, job));
    CHECK_FALSE(helper.run(Urgency::files, job));
    gate->open();
    CHECK(test::wait_until([&] { return helper.run(Urgency::files, job); }));
}

TEST_CASE("the most urgent job that waits is the next, whenever it came") {
    boost::asio::io_context loop(1);
    const auto gate = std::make_shared<Gate>();
    const auto order = std::make_shared<std::string>();  // the thread's until finish()
    const auto writes = [order](char letter) {
        return [order, letter] {
            *order += letter;
            return HelperThread::Then();
        };
    };
    HelperThread helper(loop);
    REQUIRE(helper.run(Urgency::names, [gate] {
        gate->pass();
        return HelperThread::Then();
    }));
    REQUIRE(test::wait_until([&] { return gate->at_gate() == 1; }));
    for (std::size_t i = 0; i < HelperThread::kMostWaiting; ++i)
        REQUIRE(helper.run(Urgency::names, writes('b')));
    CHECK_FALSE(helper.run(Urgency::names, writes('b')));
    REQUIRE(helper.run(Urgency::messages, writes('m')));
    REQUIRE(helper.run(Urgency::files, writes('a')));
    REQUIRE(helper.run(Urgency::files, writes('a')));
    gate->open();
    REQUIRE(test::wait_until([&] { return helper.run(Urgency::names, writes('c')); }));
    REQUIRE(helper.finish(20s));
    CHECK(order->rfind("aamb", 0) == 0);
}

TEST_CASE("the end waits for files only, and for what has begun") {
    boost::asio::io_context loop(1);
    auto token = std::make_shared<int>();
    const std::weak_ptr<int> held_by_others = token;
    const auto begun = std::make_shared<std::atomic<bool>>(false);
    const auto dropped = std::make_shared<std::atomic<bool>>(false);
    HelperThread helper(loop);
    REQUIRE(helper.run(Urgency::names, [held_by_others, begun, dropped] {
        *begun = true;
        *dropped = test::wait_until([&] { return held_by_others.expired(); });
        return HelperThread::Then();
    }));
    REQUIRE(
        helper.run(Urgency::names, [token = std::move(token)] { return HelperThread::Then(); }));
    REQUIRE(test::wait_until([&] { return begun->load(); }));
    CHECK(helper.finish(20s));
    CHECK(*dropped);
}

TEST_CASE("finish gives up on a job that hangs, drops the ones behind it and takes no more") {
    boost::asio::io_context loop(1);
    const auto gate = std::make_shared<Gate>();
    const auto second = std::make_shared<std::atomic<bool>>(false);
    HelperThread helper(loop);
    REQUIRE(helper.run(Urgency::files, [gate] {
        gate->pass();
        return HelperThread::Then();
    }));
    REQUIRE(helper.run(Urgency::files, [second] {
        *second = true;
        return HelperThread::Then();
    }));
    REQUIRE(test::wait_until([&] { return gate->at_gate() == 1; }));
    CHECK_FALSE(helper.finish(10ms));
    CHECK_FALSE(helper.run(Urgency::files, [] { return HelperThread::Then(); }));
    gate->open();
    CHECK(helper.finish(20s));
    CHECK_FALSE(*second);
}

TEST_CASE("the owner may go while a job hangs: its result is then nobody's") {
    boost::asio::io_context loop(1);
    const auto gate = std::make_shared<Gate>();
    const auto left = std::make_shared<std::atomic<bool>>(false);
    bool handed_over = false;
    {
        HelperThread helper(loop);
        REQUIRE(helper.run(
            Urgency::files,
            [gate, left] {
                gate->pass();
                *left = true;
                return 1;
            },
            [&](int) { handed_over = true; }));
        REQUIRE(test::wait_until([&] { return gate->at_gate() == 1; }));
    }
    gate->open();
    REQUIRE(test::wait_until([&] { return left->load(); }));
    loop.poll();
    CHECK_FALSE(handed_over);
}

TEST_CASE("a result that the loop has not taken yet dies with the owner") {
    boost::asio::io_context loop(1);
    bool handed_over = false;
    {
        HelperThread helper(loop);
        REQUIRE(helper.run(
            Urgency::files, [] { return 1; }, [&](int) { handed_over = true; }));
        REQUIRE(helper.finish(20s));
    }
    loop.poll();
    CHECK_FALSE(handed_over);
}

TEST_CASE("an exception of a job comes out of the loop") {
    boost::asio::io_context loop(1);
    HelperThread helper(loop);
    REQUIRE(helper.run(Urgency::files,
                       []() -> HelperThread::Then { throw std::runtime_error("broken"); }));
    REQUIRE(helper.finish(20s));
    CHECK_THROWS_AS(loop.poll(), std::runtime_error);
}
