#include "common/routeros/router_link.hpp"

#include <optional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/routeros/scripted_server.hpp"

using namespace wanctl;
using namespace wanctl::routeros;
using wanctl::test::http_reply;
using wanctl::test::run_until;

namespace {

// Sends `path` whenever it has turns left.
struct User final : LinkUser {
    RouterLink& link;
    std::string path;
    Urgency level;
    int left = 0;
    std::vector<Reply> replies;

    User(RouterLink& the_link, std::string the_path, Urgency the_level)
        : link(the_link), path(std::move(the_path)), level(the_level) {
        link.join(*this);
    }
    ~User() override { link.leave(*this); }
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    Urgency urgency(SteadyTime) const override { return left > 0 ? level : Urgency::none; }
    std::optional<SteadyTime> wake_at() const override { return std::nullopt; }
    void take_turn(SteadyTime) override {
        --left;
        link.send(Request{Method::get, path, {}});
    }
    void on_reply(SteadyTime, const Reply& reply) override { replies.push_back(reply); }
};

struct Bench {
    boost::asio::io_context loop;
    SystemClock clock;
    test::ScriptedServer server{loop};
    RouterLink link{loop, clock, options()};

    RestOptions options() {
        RestOptions options;
        options.url = server.url();
        options.user = "wanctl";
        return options;
    }
    bool asked_for(std::size_t request, const char* path) {
        return server.requests().at(request).rfind(path, 0) == 0;
    }
};

}  // namespace

TEST_CASE("the link serves by urgency, one request at a time") {
    Bench bench;
    User poll(bench.link, "/poll", Urgency::poll);
    User rise(bench.link, "/rise", Urgency::increase);
    User fall(bench.link, "/fall", Urgency::decrease);
    poll.left = 1;
    bench.link.offer(bench.clock.steady());
    rise.left = 1;
    fall.left = 2;
    bench.link.offer(bench.clock.steady());
    REQUIRE(run_until(bench.loop, [&] { return bench.server.requests().size() == 1; }));
    bench.loop.restart();
    bench.loop.run_for(std::chrono::milliseconds(20));
    CHECK(bench.server.requests().size() == 1);
    for (int i = 0; i < 4; ++i) bench.server.answer(http_reply(200, "[]"));
    REQUIRE(run_until(bench.loop, [&] { return rise.replies.size() == 1; }));
    CHECK(bench.asked_for(0, "GET /poll"));
    CHECK(bench.asked_for(1, "GET /fall"));
    CHECK(bench.asked_for(2, "GET /fall"));
    CHECK(bench.asked_for(3, "GET /rise"));
    CHECK(bench.server.connections() == 1);
}

TEST_CASE("equally urgent users take turns") {
    Bench bench;
    User one(bench.link, "/one", Urgency::decrease);
    User two(bench.link, "/two", Urgency::decrease);
    one.left = two.left = 3;
    for (int i = 0; i < 6; ++i) bench.server.answer(http_reply(200, "[]"));
    bench.link.offer(bench.clock.steady());
    REQUIRE(run_until(bench.loop, [&] { return one.replies.size() + two.replies.size() == 6; }));
    for (std::size_t i = 1; i < 6; ++i)
        CHECK(bench.asked_for(i, "GET /one") != bench.asked_for(i - 1, "GET /one"));
}

TEST_CASE("after a failure the link waits and then goes on by itself") {
    Bench bench;
    User user(bench.link, "/x", Urgency::lookup);
    bench.server.go_away();
    user.left = 1000;
    bench.link.offer(bench.clock.steady());
    const SteadyTime begun = bench.clock.steady();
    REQUIRE(run_until(bench.loop, [&] { return user.replies.size() >= 4; }));
    // Three waits of at least half of 100, 200 and 400 ms.
    CHECK(bench.clock.steady() - begun >= std::chrono::milliseconds(350));
    CHECK(user.replies.back().state == RouterState::unreachable);
    const std::uint64_t epoch = bench.link.epoch();
    bench.server.come_back();
    bench.server.answer(http_reply(200, "[]"));
    REQUIRE(run_until(bench.loop, [&] { return user.replies.back().state == RouterState::ok; }));
    CHECK(bench.link.epoch() > epoch);
}

TEST_CASE("a user that has left gets no reply, and the link serves the others") {
    Bench bench;
    User stays(bench.link, "/stays", Urgency::poll);
    {
        User leaves(bench.link, "/leaves", Urgency::decrease);
        leaves.left = 1;
        bench.link.offer(bench.clock.steady());
    }
    stays.left = 1;
    bench.server.answer(http_reply(200, "[]"));
    bench.server.answer(http_reply(200, "[]"));
    REQUIRE(run_until(bench.loop, [&] { return stays.replies.size() == 1; }));
}

TEST_CASE("the waits between attempts grow, scatter and stay below their cap") {
    Backoff backoff(std::chrono::milliseconds(100), 7);
    const Nanos cap = std::chrono::seconds(2);
    Nanos base = std::chrono::milliseconds(100);
    for (int i = 0; i < 20; ++i) {
        const Nanos wait = backoff.next(cap);
        CHECK(wait >= base / 2);
        CHECK(wait <= base);
        base = std::min(base * 2, cap);
    }
    backoff.reset();
    CHECK(backoff.next(cap) <= std::chrono::milliseconds(100));
}
