// The server as its readers see it, good ones and bad ones, over real sockets.
#include "common/http/server.hpp"

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include <sys/stat.h>

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/http/listening_socket.hpp"
#include "common/http/pace.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/log/log_pipe.hpp"

using namespace wanctl;
using namespace wanctl::test;
using namespace std::chrono_literals;

namespace {

// A server on a loop of its own. /echo answers with the query, /big with so many bytes, /throw
// fails, /late answers when told to, anything else is 404.
struct Settings {
    HttpConfig config;
    std::string token;
    http::Limits limits;
};

class Bench {
  public:
    explicit Bench(Settings settings = {}) : settings_(std::move(settings)) {
        if (!settings_.config.enabled()) {
            port = free_port();
            settings_.config.listen = "127.0.0.1:" + std::to_string(port);
        }
        thread_ = std::thread([this] { loop_.run(); });
        start();
    }
    ~Bench() {
        stop();
        work_.reset();
        thread_.join();
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    void start() {
        on_loop([this] {
            server_ = std::make_unique<http::Server>(
                http::Server::Surroundings{loop_, clock_, log.log()},
                [this](const http::Request& r, const http::Reply& reply) { answer(r, reply); },
                settings_.limits);
            server_->serve(settings_.config, settings_.token);
        });
    }
    void stop() {
        on_loop([this] { server_.reset(); });
    }
    template <typename Call>
    void on_loop(Call call) {
        std::promise<void> done;
        boost::asio::post(loop_, [&] {
            call();
            done.set_value();
        });
        done.get_future().wait();
    }
    [[nodiscard]] http::Counters counters() {
        http::Counters out;
        on_loop([&] { out = server_->counters(); });
        return out;
    }
    void set_token(const std::string& token) {
        on_loop([&] { server_->serve(settings_.config, token); });
    }
    // What /late waits for.
    void answer_late() {
        on_loop([this] {
            for (const http::Reply& reply : late_) {
                reply({200, "text/plain", "late"});
                reply({200, "text/plain", "twice"});
            }
            late_.clear();
        });
    }
    [[nodiscard]] bool late_is_waiting() {
        bool waiting = false;
        on_loop([&] { waiting = !late_.empty(); });
        return waiting;
    }

    std::uint16_t port = 0;
    std::atomic<int> asked{0};
    std::vector<SteadyTime> made;  // the pages, when; of the loop alone
    LogPipe log;

  private:
    void answer(const http::Request& request, const http::Reply& reply) {
        ++asked;
        made.push_back(clock_.steady());
        if (request.path == "/echo") return reply({200, "text/plain", std::string(request.query)});
        if (request.path == "/big")
            return reply(
                {200, "text/plain", std::string(std::stoul(std::string(request.query)), 'x')});
        if (request.path == "/throw") throw std::runtime_error("no");
        if (request.path == "/late") return late_.push_back(reply);
        reply(http::error_answer(404, "Not found"));
    }

    Settings settings_;
    SystemClock clock_;
    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
    std::vector<http::Reply> late_;
    std::unique_ptr<http::Server> server_;
    std::thread thread_;
};

Settings with_idle(std::chrono::milliseconds idle) {
    Settings settings;
    settings.limits.idle = idle;
    settings.limits.piece_time = Nanos(0);
    return settings;
}

int status_of(std::uint16_t port, const std::string& bytes) {
    HttpClient client(port);
    client.send(bytes);
    const auto answer = client.answer();
    return answer ? answer->status : 0;
}

}  // namespace

TEST_CASE("one connection carries many requests, and those sent ahead are answered in order") {
    Bench bench;
    HttpClient client(bench.port);
    for (int i = 0; i < 3; ++i) {
        client.send(http_request("/echo?" + std::to_string(i)));
        const auto answer = client.answer();
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == std::to_string(i));
    }
    std::string ahead;
    for (int i = 0; i < 100; ++i) ahead += http_request("/echo?" + std::to_string(i));
    client.send(ahead);
    for (int i = 0; i < 100; ++i) {
        const auto answer = client.answer();
        REQUIRE(answer);
        CHECK(answer->body == std::to_string(i));
    }
    CHECK(bench.asked == 103);
    CHECK(bench.counters().open == 1);
}

TEST_CASE("HTTP/1.0, HEAD and Connection: close are answered as they ask") {
    Bench bench;
    HttpClient old(bench.port);
    old.send("GET /echo?x HTTP/1.0\r\n\r\n");
    const auto answer = old.answer();
    REQUIRE(answer);
    CHECK(answer->head.rfind("HTTP/1.0 200", 0) == 0);
    CHECK(answer->body == "x");
    CHECK(old.ended());

    HttpClient head(bench.port);
    head.send("HEAD /echo?four HTTP/1.1\r\nHost: w\r\n\r\n" + http_request("/echo?next"));
    const auto no_body = head.answer(false);
    REQUIRE(no_body);
    CHECK(no_body->head.find("Content-Length: 4\r\n") != std::string::npos);
    const auto next = head.answer();
    REQUIRE(next);
    CHECK(next->body == "next");

    HttpClient close(bench.port);
    close.send(http_request("/echo?x", "Connection: close\r\n"));
    CHECK(close.answer());
    CHECK(close.ended());
}

TEST_CASE("however many ask, the loop has room between two pages") {
    Bench bench;
    std::string ahead;
    for (int i = 0; i < 20; ++i) ahead += http_request("/echo?x");
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 20; ++i) {
        crowd.push_back(std::make_unique<HttpClient>(bench.port));
        crowd.back()->send(ahead);
    }
    for (const auto& client : crowd)
        for (int i = 0; i < 20; ++i) REQUIRE(client->answer());
    REQUIRE(bench.made.size() == 400);
    Nanos least = std::chrono::hours(1);
    for (std::size_t i = 1; i < bench.made.size(); ++i)
        least = std::min(least, bench.made[i] - bench.made[i - 1]);
    CHECK(least >= http::Pace::kRoom);
}

TEST_CASE("what is no request of ours gets its status and the end, and asks no page") {
    Bench bench;
    const std::string line = "GET /echo HTTP/1.1\r\nHost: w\r\n";
    std::string fields;
    for (int i = 0; i < 70; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
    CHECK(status_of(bench.port, "\r\n\r\n\r\n\r\n") == 400);
    CHECK(status_of(bench.port, "\x16\x03\x01\x02") == 400);
    CHECK(status_of(bench.port, "GET /echo\r\n\r\n") == 400);
    CHECK(status_of(bench.port, "GET /echo HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of(bench.port, "GET /echo HTTP/1.1\nHost: w\n\n") == 400);
    CHECK(status_of(bench.port, "GET /echo HTTP/one\r\nHost: w\r\n\r\n") == 400);
    CHECK(status_of(bench.port, line + "Host: x\r\n\r\n") == 400);
    CHECK(status_of(bench.port, "GET http://w/echo HTTP/1.1\r\nHost: w\r\n\r\n") == 400);
    CHECK(status_of(bench.port, line + "X-Long: " + std::string(9000, 'x') + "\r\n\r\n") == 431);
    CHECK(status_of(bench.port, line + fields + "\r\n") == 431);
    CHECK(status_of(bench.port, "GET /" + std::string(20000, 'x')) == 431);
    CHECK(status_of(bench.port, line + "Content-Length: 5\r\n\r\nhello") == 413);
    CHECK(status_of(bench.port, line + "Content-Length: 99999999999\r\n\r\n") == 413);
    CHECK(status_of(bench.port, line + "Content-Length: -1\r\n\r\n") == 400);
    CHECK(status_of(bench.port, "GET /echo HTTP/2.0\r\nHost: w\r\n\r\n") == 505);
    CHECK(bench.asked == 0);
    CHECK(status_of(bench.port, "POST /echo HTTP/1.1\r\nHost: w\r\nContent-Length: 0\r\n\r\n") ==
          405);
    CHECK(bench.asked == 0);
    CHECK(http_get(bench.port, "/nothing").status == 404);
    CHECK(http_get(bench.port, "/throw").status == 500);
    CHECK(http_get(bench.port, "/echo?%00").body == "%00");
    CHECK(bench.counters().answers[4] == 16);
}

TEST_CASE("a request byte by byte has the whole idle time and no more") {
    Bench bench(with_idle(300ms));
    // Before it connects: the server's time begins when it accepts.
    const auto began = std::chrono::steady_clock::now();
    HttpClient slow(bench.port);
    bool more = true;
    for (int i = 0; more && i < 1000; ++i) {
        more = slow.send("G");
        if (slow.ended(10ms)) break;
    }
    CHECK(slow.ended());
    CHECK(std::chrono::steady_clock::now() - began >= 300ms);
    HttpClient silent(bench.port);
    CHECK(silent.ended());
    CHECK(bench.counters().timed_out == 2);
    CHECK(bench.counters().open == 0);
}

TEST_CASE("who does not read a long answer is dropped, others are answered meanwhile") {
    Bench bench(with_idle(500ms));
    HttpClient deaf(bench.port);
    deaf.send(http_request("/big?50000000"));
    REQUIRE(wait_until([&] { return bench.asked == 1; }));
    CHECK(http_get(bench.port, "/echo?x").body == "x");
    REQUIRE(wait_until([&] { return bench.counters().timed_out == 1; }));
    REQUIRE(wait_until([&] { return bench.counters().open == 0; }));
}

TEST_CASE("a long answer arrives whole") {
    Bench bench;
    const HttpAnswer answer = http_get(bench.port, "/big?3000000");
    CHECK(answer.status == 200);
    CHECK(answer.body == std::string(3000000, 'x'));
}

TEST_CASE("a connection too many is told so, and its place is free again after another has left") {
    Settings settings;
    settings.limits.connections = 8;
    Bench bench(settings);
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 8; ++i) {
        crowd.push_back(std::make_unique<HttpClient>(bench.port));
        crowd.back()->send(http_request("/echo?x"));
        REQUIRE(crowd.back()->answer());
    }
    HttpClient late(bench.port);
    const auto full = late.answer();
    REQUIRE(full);
    CHECK(full->status == 503);
    CHECK(late.ended());
    CHECK(bench.counters().refused == 1);
    crowd.pop_back();
    REQUIRE(wait_until([&] { return bench.counters().open == 7; }));
    CHECK(http_get(bench.port, "/echo?x").status == 200);
}

TEST_CASE("without the token nothing is told, and a wrong one is not logged") {
    Settings settings;
    settings.token = "s3cret-token";
    Bench bench(settings);
    CHECK(http_get(bench.port, "/echo?x").status == 401);
    CHECK(http_get(bench.port, "/nothing").status == 401);
    for (const std::string wrong : {"s3cret-tokeN", "s3cret-toke", "s3cret-tokens", "", "x"}) {
        INFO(wrong);
        const HttpAnswer answer =
            http_get(bench.port, "/echo?x", "Authorization: Bearer " + wrong + "\r\n");
        CHECK(answer.status == 401);
        CHECK(answer.head.find("WWW-Authenticate: Bearer\r\n") != std::string::npos);
    }
    CHECK(http_get(bench.port, "/echo?x", "Authorization: Basic s3cret-token\r\n").status == 401);
    CHECK(bench.asked == 0);
    CHECK(http_get(bench.port, "/echo?x", "Authorization: Bearer s3cret-token\r\n").body == "x");
    CHECK(http_get(bench.port, "/echo?x", "authorization: bEARER  s3cret-token\r\n").body == "x");
    bench.set_token("another");
    CHECK(http_get(bench.port, "/echo?x", "Authorization: Bearer s3cret-token\r\n").status == 401);
    CHECK(http_get(bench.port, "/echo?x", "Authorization: Bearer another\r\n").status == 200);
    CHECK(bench.log.taken().find("token") == std::string::npos);
}

TEST_CASE("an answer that comes later is written once, and one for nobody is dropped") {
    Bench bench;
    HttpClient client(bench.port);
    client.send(http_request("/late") + http_request("/echo?next"));
    REQUIRE(wait_until([&] { return bench.late_is_waiting(); }));
    bench.answer_late();
    CHECK(client.answer()->body == "late");
    CHECK(client.answer()->body == "next");

    HttpClient gone(bench.port);
    gone.send(http_request("/late"));
    REQUIRE(wait_until([&] { return bench.late_is_waiting(); }));
    bench.stop();
    bench.answer_late();
    CHECK(gone.ended());
}

TEST_CASE("a server that ends closes its connections, and another takes its address at once") {
    Bench bench;
    HttpClient idle(bench.port);
    idle.send(http_request("/echo?x"));
    REQUIRE(idle.answer());
    bench.stop();
    CHECK(idle.ended());
    CHECK_THROWS(HttpClient(bench.port));
    bench.start();
    CHECK(http_get(bench.port, "/echo?y").body == "y");
}

TEST_CASE("a port in use is said once, tried again, and taken when it is free") {
    const std::uint16_t port = free_port();
    Settings settings;
    settings.config.listen = "127.0.0.1:" + std::to_string(port);
    auto holder = http::ListeningSocket::at_address(settings.config.listen);
    REQUIRE(holder);
    Bench bench(settings);
    const std::string said = bench.log.taken();
    CHECK(said.find("cannot listen for HTTP") != std::string::npos);
    CHECK(said.find("Address already in use") != std::string::npos);
    { const http::ListeningSocket gone = std::move(*holder); }
    REQUIRE(wait_until([&] { return http_get(port, "/echo?x").status == 200; }));
    CHECK(bench.log.taken().find("listening") != std::string::npos);
}

TEST_CASE("a Unix socket is for user and group, replaces a dead one and nothing else") {
    const TempDir files;
    const std::string path = files.file("http.sock");
    Settings settings;
    settings.config.socket = path;
    {
        Bench bench(settings);
        HttpClient client(path);
        client.send(http_request("/echo?x"));
        CHECK(client.answer()->body == "x");
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 07777U) == 0660);
        // Somebody listens there.
        const auto second = http::ListeningSocket::at_path(path);
        REQUIRE_FALSE(second);
        CHECK(second.error().message == path + ": Address already in use");
    }
    CHECK_FALSE(std::filesystem::exists(path));
    {
        // What a killed process leaves.
        auto left = http::ListeningSocket::at_path(path);
        REQUIRE(left);
        std::filesystem::rename(path, path + ".kept");
        { const http::ListeningSocket gone = std::move(*left); }
        std::filesystem::rename(path + ".kept", path);
    }
    REQUIRE(std::filesystem::exists(path));
    {
        const auto replaced = http::ListeningSocket::at_path(path);
        REQUIRE(replaced);
        HttpClient client(path);
        // Another's by now: it stays.
        std::filesystem::remove(path);
        files.write("http.sock", "a file");
    }
    CHECK(std::filesystem::exists(path));
    const auto file = http::ListeningSocket::at_path(path);
    REQUIRE_FALSE(file);
    CHECK(file.error().message.find("Socket operation on non-socket") != std::string::npos);
    CHECK(std::filesystem::exists(path));
}
