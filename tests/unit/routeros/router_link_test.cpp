#include "common/routeros/router_link.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

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

// Answers every request at once, from a thread of its own: now and then before the client has
// looked for the reply a first time.
class PromptServer {
  public:
    PromptServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(listener_, plain, size) == 0);
        REQUIRE(::listen(listener_, 1) == 0);
        REQUIRE(::getsockname(listener_, plain, &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~PromptServer() {
        ::shutdown(listener_, SHUT_RDWR);
        ::shutdown(peer_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    PromptServer(const PromptServer&) = delete;
    PromptServer& operator=(const PromptServer&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  private:
    void serve() {
        const std::string reply = http_reply(200, "[]");
        for (int fd = -1; (fd = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(fd)) {
            peer_ = fd;
            char request[4096];
            while (::recv(fd, request, sizeof request, 0) > 0) {
                if (::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
            }
        }
    }

    int listener_;
    std::atomic<int> peer_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
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

TEST_CASE("the link goes on by itself also after a reply that came within the sender's turn") {
    boost::asio::io_context loop;
    const SystemClock clock;
    PromptServer server;
    RestOptions options;
    options.url = server.url();
    options.user = "wanctl";
    RouterLink link(loop, clock, options);
    User user(link, "/x", Urgency::decrease);
    constexpr int kRequests = 5000;
    user.left = kRequests;
    // Nobody offers again: what follows, the link has to start.
    link.offer(clock.steady());
    CHECK(run_until(loop, [&] { return user.replies.size() == kRequests; }));
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
    transfer::Backoff backoff(std::chrono::milliseconds(100), 7);
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
