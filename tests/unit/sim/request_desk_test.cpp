#include "tests/sim/rest/request_desk.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "tests/sim/rest/base64.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/sim/manual_clock.hpp"

using namespace wanctl;
using namespace wanctl::sim;
using namespace std::chrono_literals;

namespace {

constexpr auto kDownload = "/rest/queue/tree/*1000000";

RequestDeskOptions two_users() {
    RequestDeskOptions options;
    options.users = {{"writer", "w", {"read", "write", "api", "rest-api"}},
                     {"reader", "r", {"read", "api", "rest-api"}}};
    options.service_time.median = Nanos(0);
    options.login_time = Nanos(0);
    return options;
}

RestRequest patch(const std::string& limit) {
    return {.method = "PATCH",
            .target = kDownload,
            .content_type = "application/json",
            .authorization = "Basic " + base64_encoded("writer:w"),
            .body = fmt::format(R"({{"max-limit":"{}"}})", limit),
            .origin = {},
            .client = "127.0.0.1"};
}

RestRequest get(const std::string& credentials = "reader:r") {
    return {.method = "GET",
            .target = std::string(kDownload) + "?.proplist=max-limit",
            .content_type = {},
            .authorization = "Basic " + base64_encoded(credentials),
            .body = {},
            .origin = {},
            .client = "127.0.0.1"};
}

struct Desk {
    explicit Desk(RequestDeskOptions options = two_users())
        : model(clock), desk(loop, clock, model, std::move(options)) {
        REQUIRE(model.queues().add({{"name", "q"}, {"parent", "global"}}, "admin"));
    }

    void submit(const std::string& name, RestRequest request) {
        desk.submit(std::move(request), [this, name](const RestReply& reply) {
            order.push_back(name);
            statuses.push_back(reply.status);
            bodies.push_back(reply.body);
        });
    }
    void run() {
        loop.run();
        loop.restart();
    }

    ManualClock clock;
    boost::asio::io_context loop;
    RouterModel model;
    RequestDesk desk;
    std::vector<std::string> order;
    std::vector<int> statuses;
    std::vector<std::string> bodies;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("requests of one user run in the order of arrival") {
    Desk desk;
    for (int number = 1; number <= 9; ++number) {
        desk.submit(fmt::format("{}", number), patch(fmt::format("{}M", number)));
    }
    desk.run();
    CHECK(desk.order == Names{"1", "2", "3", "4", "5", "6", "7", "8", "9"});
    CHECK(desk.model.queues().history().back().to == 9_mbit);
    CHECK(desk.desk.counts().in_flight.at("writer").most == 9);
    CHECK(desk.desk.counts().in_flight.at("writer").now == 0);
}

TEST_CASE("a slow user keeps its own order and holds nobody else up") {
    Desk desk;
    desk.desk.faults().slow = SlowFault{100ms, "writer"};
    desk.submit("slow 1", patch("1M"));
    desk.submit("slow 2", patch("2M"));
    desk.submit("other", get());
    desk.run();
    CHECK(desk.order == Names{"other", "slow 1", "slow 2"});
}

TEST_CASE("a command's effect is there when its answer is, not before") {
    Desk desk;
    desk.desk.faults().slow = SlowFault{50ms, "writer"};
    desk.submit("write", patch("3M"));
    desk.submit("early read", get());
    desk.run();
    CHECK(desk.bodies[0].find(R"("max-limit":"0")") != std::string::npos);
    CHECK(desk.model.queues().history().back().to == 3_mbit);
}

TEST_CASE("a command at its time limit closes the session of all that wait behind it") {
    auto options = two_users();
    options.command_limit = 20ms;
    Desk desk(options);
    desk.desk.faults().slow = SlowFault{1h, "writer"};
    desk.submit("1", patch("1M"));
    desk.submit("2", patch("2M"));
    desk.submit("other", get());
    desk.run();
    CHECK(desk.order == Names{"other", "1", "2"});
    CHECK(desk.statuses == std::vector<int>{200, 400, 400});
    CHECK(desk.bodies[2].find("Session closed") != std::string::npos);
    // What ran had its effect; what waited did not.
    CHECK(desk.model.queues().history().back().to == 1_mbit);
}

TEST_CASE("a login is logged once in ten minutes, a wrong password each time") {
    Desk desk;
    const auto lines = [&desk](const std::string& part) {
        int count = 0;
        for (const auto& record : desk.model.log().records()) {
            if (record.at("message").find(part) != std::string::npos) ++count;
        }
        return count;
    };
    desk.submit("1", get());
    desk.submit("2", get());
    desk.run();
    CHECK(lines("user reader logged in from 127.0.0.1 via rest-api") == 1);
    desk.clock.advance(10min);
    desk.submit("3", get());
    desk.run();
    CHECK(lines("user reader logged in from 127.0.0.1 via rest-api") == 2);
    desk.submit("4", get("reader:wrong"));
    desk.submit("5", get("nobody:r"));
    desk.run();
    CHECK(desk.statuses == std::vector<int>{200, 200, 200, 401, 401});
    CHECK(lines("login failure for user reader") == 1);
    CHECK(lines("login failure for user nobody") == 1);
}

TEST_CASE("a status fault hits as many requests as were asked for, and applies only when told") {
    Desk desk;
    StatusFault fault;
    fault.status = 404;
    fault.method = "PATCH";
    fault.remaining = 2;
    desk.desk.faults().status = fault;
    for (const auto* limit : {"1M", "2M", "3M"}) desk.submit(limit, patch(limit));
    desk.submit("read", get());
    desk.run();
    CHECK(std::count(desk.statuses.begin(), desk.statuses.end(), 404) == 2);
    CHECK(desk.statuses.back() == 200);
    CHECK(desk.model.queues().history().size() == 1);
    fault.apply = true;
    fault.remaining = 1;
    desk.desk.faults().status = fault;
    desk.submit("applied", patch("9M"));
    desk.run();
    CHECK(desk.statuses.back() == 404);
    CHECK(desk.model.queues().history().back().to == 9_mbit);
}

TEST_CASE("a reboot loses what ran and waited, and every login") {
    Desk desk;
    desk.desk.faults().slow = SlowFault{30ms, ""};
    desk.submit("1", patch("1M"));
    desk.submit("2", patch("2M"));
    desk.desk.reboot();
    desk.run();
    CHECK(desk.order.empty());
    CHECK(desk.desk.counts().in_flight.at("writer").now == 0);
    desk.submit("3", patch("3M"));
    desk.run();
    CHECK(desk.order == Names{"3"});
    CHECK(desk.model.log().records().size() == 4);  // rebooted, two login lines, changed
}

TEST_CASE("service times are seeded per user and have the median and tail asked for") {
    ServiceTimeOptions options;
    ServiceTime first(options, "a");
    ServiceTime again(options, "a");
    ServiceTime other(options, "b");
    CHECK(first.next() == again.next());
    CHECK(first.next() != other.next());
    int below_median = 0;
    int above_p99 = 0;
    constexpr int kDraws = 20'000;
    for (int draw = 0; draw < kDraws; ++draw) {
        const auto time = first.next();
        below_median += time < options.median ? 1 : 0;
        above_p99 += time > options.p99 ? 1 : 0;
    }
    CHECK(below_median == Approx(kDraws / 2).margin(400));
    CHECK(above_p99 == Approx(kDraws / 100).margin(70));
    options.median = Nanos(0);
    CHECK(ServiceTime(options, "a").next() == Nanos(0));
}

TEST_CASE("a stall ends as many requests as were asked for by closing the session") {
    auto options = two_users();
    options.command_limit = 20ms;
    Desk desk(options);
    desk.desk.faults().slow = SlowFault{Nanos::max(), "writer", 1};
    desk.submit("1", patch("1M"));
    desk.run();
    desk.submit("2", patch("2M"));
    desk.run();
    CHECK(desk.statuses == std::vector<int>{400, 200});
}

TEST_CASE("a spoiled reply belongs to a command that took effect, as often as was asked for") {
    Desk desk;
    for (const Spoil how : {Spoil::truncated, Spoil::oversized, Spoil::types, Spoil::nested,
                            Spoil::empty, Spoil::other}) {
        desk.desk.faults().spoil = SpoilFault{how, 1, "", "PATCH"};
        desk.submit("read", get());
        desk.submit("spoiled", patch("4M"));
        desk.submit("after", patch("4M"));
        desk.run();
        const auto size = desk.bodies.size();
        CHECK(desk.statuses[size - 2] == 200);
        CHECK(desk.bodies[size - 2] != desk.bodies[size - 1]);
    }
    CHECK(desk.model.queues().history().front().to == 4_mbit);
}

TEST_CASE("a user's policies and password hold from the next request on, until restored") {
    Desk desk;
    desk.desk.user("writer")->policies = {"read", "api", "rest-api"};
    desk.submit("lacks write", patch("5M"));
    desk.run();
    desk.desk.user("writer")->password = "other";
    desk.submit("lacks the password", patch("5M"));
    desk.run();
    desk.desk.restore_users();
    desk.submit("as before", patch("5M"));
    desk.run();
    CHECK(desk.statuses == std::vector<int>{400, 401, 200});
    CHECK(desk.desk.user("nobody") == nullptr);
}
