// A sink's messages over real connections, to a server on loopback that answers as told.
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "common/alert/desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/routeros/scripted_server.hpp"

using namespace wanctl;
using namespace wanctl::alert;
using namespace wanctl::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kSecret = "t0ken-7f3a91";

// The log of a test, as text.
class LogFile {
  public:
    explicit LogFile(const std::string& path)
        : path_(path), file_(std::fopen(path.c_str(), "we")) {}
    ~LogFile() { std::fclose(file_); }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    [[nodiscard]] LogOptions options() const {
        return {LogLevel::debug, LogFormat::text, ::fileno(file_), false};
    }
    [[nodiscard]] std::string text() const {
        std::ifstream in(path_);
        return {std::istreambuf_iterator<char>(in), {}};
    }

  private:
    std::string path_;
    std::FILE* file_;
};

struct Told {
    std::string sink;
    std::string text;
    Delivery delivery;
    int attempts;
};

struct Bench {
    explicit Bench(SinkKind kind = SinkKind::json)
        : desk({loop, clock, log, helper}, {sink(kind)}) {
        desk.on_outcome([this](const Outcome& outcome) {
            outcomes.push_back({std::string(outcome.sink), outcome.message.text, outcome.delivery,
                                outcome.attempts});
        });
    }

    SinkConfig sink(SinkKind kind) {
        set_url(server.url() + "/" + kSecret);
        return {"ops", kind, files.file("url"), ""};
    }
    void set_url(const std::string& url) { files.write("url", url + "\nsecond line\n"); }
    void tell(const std::string& text = "hello") {
        Message message = test_message({}, "ops");
        message.text = text;
        desk.tell(std::move(message), {"ops"});
    }
    // How many messages have come to an end.
    [[nodiscard]] bool until_ended(std::size_t count) {
        return run_until(loop, [&] { return outcomes.size() >= count; });
    }
    [[nodiscard]] bool logged(const std::string& words) {
        return log_file.text().find(words) != std::string::npos;
    }

    boost::asio::io_context loop;
    SystemClock clock;
    TempDir files;
    LogFile log_file{files.file("log")};
    Log log{log_file.options(), clock};
    HelperThread helper{loop};
    ScriptedServer server{loop};
    std::vector<Told> outcomes;
    Desk desk;
};

}  // namespace

TEST_CASE("a message is posted to the URL in the file's first line") {
    Bench bench;
    bench.server.answer(http_reply(204, ""));
    bench.tell("good morning");
    REQUIRE(bench.until_ended(1));
    REQUIRE(bench.server.requests().size() == 1);
    const std::string& request = bench.server.requests()[0];
    INFO(request);
    CHECK(request.rfind(std::string("POST /") + kSecret + " HTTP/1.1\r\n", 0) == 0);
    CHECK(request.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(request.find("Expect") == std::string::npos);
    CHECK(request.find(R"("text":"good morning")") != std::string::npos);
    CHECK(bench.outcomes[0].delivery == Delivery::delivered);
    CHECK(bench.outcomes[0].attempts == 1);
    CHECK(
        bench.logged("info alert delivered sink=ops type=test phase=raised outcome=delivered "
                     "attempts=1 message=\"good morning\""));
}

TEST_CASE("a name in the URL is looked up beside the loop, and certificates would be held to it") {
    Bench bench;
    const std::string port = bench.server.url().substr(bench.server.url().rfind(':'));
    bench.set_url("http://localhost" + port + "/x");
    bench.server.answer(http_reply(200, "{}"));
    bench.tell();
    REQUIRE(bench.until_ended(1));
    CHECK(bench.outcomes[0].delivery == Delivery::delivered);
    CHECK(bench.server.requests()[0].find("Host: localhost" + port) != std::string::npos);
}

TEST_CASE("the kind of the sink decides the form") {
    Bench bench(SinkKind::ntfy);
    bench.server.answer(http_reply(200, "{}"));
    bench.tell();
    REQUIRE(bench.until_ended(1));
    CHECK(bench.server.requests()[0].find("Priority: default\r\n") != std::string::npos);
}

TEST_CASE("errors of the server, refused and broken connections are tried again until one works") {
    Bench bench;
    bench.server.answer(http_reply(500, "oops"));
    bench.server.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true);
    bench.server.answer("220 mail.example ready\r\n", true);
    bench.server.answer(http_reply(200, "{}"));
    bench.tell("a");
    REQUIRE(bench.until_ended(1));
    CHECK(bench.outcomes[0].delivery == Delivery::delivered);
    CHECK(bench.outcomes[0].attempts == 4);
    CHECK(bench.server.requests().size() == 4);
    CHECK(bench.logged("warning alert not delivered: answered 500 sink=ops"));
    CHECK(bench.logged("warning alert not delivered: the connection broke sink=ops"));
    CHECK(bench.logged("warning alert not delivered: the answer is no HTTP sink=ops"));
    CHECK(bench.logged("alerts to sink ops are delivered again"));

    bench.server.go_away();
    bench.tell("b");
    REQUIRE(run_until(bench.loop, [&] { return bench.logged("not delivered: no connection"); }));
    bench.server.come_back();
    bench.server.answer(http_reply(200, "{}"));
    REQUIRE(bench.until_ended(2));
    CHECK(bench.outcomes[1].attempts == 2);
}

TEST_CASE("a receiver that says no is not asked again, one that is busy is, when it wants") {
    Bench bench;
    for (const int status : {404, 400, 301, 401}) {
        bench.server.answer(http_reply(status, "no"));
        bench.tell();
    }
    REQUIRE(bench.until_ended(4));
    for (const Told& told : bench.outcomes) {
        CHECK(told.delivery == Delivery::refused);
        CHECK(told.attempts == 1);
    }
    CHECK(bench.server.requests().size() == 4);

    // Longer than the 1 to 2 s that we would wait by ourselves.
    bench.server.answer(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
    bench.server.answer(http_reply(204, ""));
    const auto begun = bench.clock.steady();
    bench.tell();
    REQUIRE(bench.until_ended(5));
    CHECK(bench.outcomes[4].delivery == Delivery::delivered);
    CHECK(bench.outcomes[4].attempts == 2);
    CHECK(bench.clock.steady() - begun >= 3s);
}

TEST_CASE(
    "the URL is read for each attempt, and a file that does not work is named, not its text") {
    Bench bench;
    bench.set_url(std::string("ftp://example.org/") + kSecret);
    bench.tell();
    REQUIRE(run_until(bench.loop, [&] {
        return bench.logged(
            ": is no URL (its value is not shown), allowed: https://host/path or "
            "http://host/path");
    }));
    std::filesystem::remove(bench.files.file("url"));
    REQUIRE(
        run_until(bench.loop, [&] { return bench.logged("URL file " + bench.files.file("url")); }));
    bench.server.answer(http_reply(200, "{}"));
    bench.set_url(bench.server.url());
    REQUIRE(bench.until_ended(1));
    CHECK(bench.outcomes[0].delivery == Delivery::delivered);
}

TEST_CASE("a URL that others may read, or that travels unencrypted, is said at once") {
    Bench bench;
    REQUIRE(run_until(bench.loop, [&] { return bench.logged("it is http, so the URL travels"); }));
    ::chmod(bench.files.file("url").c_str(), 0644);
    bench.desk.reconfigure({{"other", SinkKind::json, bench.files.file("url"), ""}});
    REQUIRE(run_until(bench.loop, [&] { return bench.logged("may be read by everybody"); }));
}

TEST_CASE("the URL is in no line of the log and in no outcome, whatever happens") {
    Bench bench;
    bench.server.answer(http_reply(500, ""));
    bench.server.answer(http_reply(404, ""));
    bench.tell();
    REQUIRE(bench.until_ended(1));
    bench.tell();
    bench.set_url(std::string("http://127.0.0.1:1/") + kSecret);
    REQUIRE(run_until(bench.loop, [&] { return bench.logged("no connection"); }));
    bench.set_url(std::string(kSecret));
    REQUIRE(run_until(bench.loop, [&] { return bench.logged("is no URL"); }));
    bench.desk.close();
    CHECK(bench.outcomes.back().delivery == Delivery::dropped);
    CHECK(bench.log_file.text().find(kSecret) == std::string::npos);
    for (const Told& told : bench.outcomes) CHECK(told.text.find(kSecret) == std::string::npos);
}

TEST_CASE("a reload keeps what a sink has to send, unless it is another sink now") {
    Bench bench;
    bench.server.answer(http_reply(500, ""));
    bench.tell("kept");
    REQUIRE(run_until(bench.loop, [&] { return bench.logged("answered 500"); }));
    bench.desk.reconfigure({bench.sink(SinkKind::json)});
    bench.server.answer(http_reply(200, "{}"));
    REQUIRE(bench.until_ended(1));
    CHECK(bench.outcomes[0].delivery == Delivery::delivered);
    bench.server.answer(http_reply(500, ""));
    bench.tell("dropped");
    bench.desk.reconfigure({bench.sink(SinkKind::discord)});
    REQUIRE(bench.until_ended(2));
    CHECK(bench.outcomes[1].delivery == Delivery::dropped);
    CHECK(
        bench.logged("warning alert not delivered sink=ops type=test phase=raised "
                     "outcome=dropped"));
}

TEST_CASE("a sink that is the log, and a rule without one, write the message there") {
    Bench bench;
    bench.desk.reconfigure({{"quiet", SinkKind::log, "", ""}});
    Message message = test_message({}, "quiet");
    message.severity = AlertSeverity::critical;
    bench.desk.tell(message, {"quiet"});
    message.phase = Phase::recovered;
    bench.desk.tell(message, {});
    REQUIRE(bench.outcomes.size() == 2);
    CHECK(bench.outcomes[0].sink == "quiet");
    CHECK(bench.outcomes[1].sink == "log");
    // An alert from before may name sinks that there are no longer.
    bench.desk.tell(message, {"gone", "quiet", "lost"});
    REQUIRE(bench.outcomes.size() == 4);
    CHECK(bench.outcomes[2].sink == "quiet");
    CHECK(bench.outcomes[3].sink == "log");
    CHECK(bench.logged("error alert type=test phase=raised severity=critical message="));
    CHECK(bench.logged("info alert type=test phase=recovered severity=critical message="));
}
