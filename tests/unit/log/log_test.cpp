#include "common/log/log.hpp"

#include <thread>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <sys/stat.h>

#include "tests/unit/log/log_pipe.hpp"

using namespace wanctl;
using namespace wanctl::test;

TEST_CASE("a text line has its time in UTC, its level and its pairs") {
    LogPipe pipe;
    pipe.log().warning("router unreachable", {{"code", 7}});
    CHECK(pipe.taken() == "2026-11-21T06:20:53.007Z warning router unreachable code=7\n");
}

TEST_CASE("only lines of the level and above it are written") {
    const std::vector<std::pair<LogLevel, std::string>> cases{
        {LogLevel::debug, "debug info warning error "},
        {LogLevel::info, "info warning error "},
        {LogLevel::warning, "warning error "},
        {LogLevel::error, "error "},
    };
    for (const auto& [level, expected] : cases) {
        LogPipe pipe({level, LogFormat::text, 2, true});
        pipe.log().debug("debug");
        pipe.log().info("info");
        pipe.log().warning("warning");
        pipe.log().error("error");
        std::string words;
        std::istringstream in(pipe.taken());
        for (std::string line; std::getline(in, line);) words += line.substr(3) + " ";
        CHECK(words == expected);
        CHECK(pipe.log().enabled(level));
    }
}

TEST_CASE("the level can be changed while running") {
    LogPipe pipe;
    pipe.log().set_level(LogLevel::error);
    pipe.log().warning("w");
    CHECK(pipe.taken().empty());
    pipe.log().set_level(LogLevel::debug);
    pipe.log().debug("d");
    CHECK_FALSE(pipe.taken().empty());
}

TEST_CASE("under journald a line begins with its priority and has no time") {
    LogPipe pipe({LogLevel::debug, LogFormat::text, 2, true});
    pipe.log().debug("a");
    pipe.log().info("b");
    pipe.log().warning("c");
    pipe.log().error("d");
    CHECK(pipe.taken() == "<7>a\n<6>b\n<4>c\n<3>d\n");
}

TEST_CASE("a JSON line is one object with time, level, message and pairs") {
    LogPipe pipe({LogLevel::info, LogFormat::json, 2, false});
    pipe.log().error("100 %v \"x\"", {{"wan", "a\nb"}});
    const std::string line = pipe.taken();
    CHECK(line ==
          "{\"time\":\"2026-11-21T06:20:53.007Z\",\"level\":\"error\",\"message\":\"100 %v "
          "\\\"x\\\"\",\"wan\":\"a\\u000ab\"}\n");
    rapidjson::Document json;
    CHECK_FALSE(json.Parse(line.c_str()).HasParseError());
}

TEST_CASE("journald is recognised by the device and inode of the stream") {
    LogPipe pipe;
    struct stat status {};
    REQUIRE(::fstat(pipe.write_end(), &status) == 0);
    const std::string mine = fmt::format("{}:{}", status.st_dev, status.st_ino);
    const std::string other = fmt::format("{}:{}", status.st_dev, status.st_ino + 1);
    CHECK(is_journal(mine.c_str(), pipe.write_end()));
    CHECK_FALSE(is_journal(other.c_str(), pipe.write_end()));
    CHECK_FALSE(is_journal("", pipe.write_end()));
    CHECK_FALSE(is_journal(nullptr, pipe.write_end()));
    CHECK_FALSE(is_journal(mine.c_str(), -1));
}

TEST_CASE("a reader that has stopped reading costs lines, not time, and is told how many") {
    LogPipe pipe;
    // A blocking pipe, as stderr is: the log itself must not wait.
    REQUIRE(::fcntl(pipe.write_end(), F_SETFL, 0) == 0);
    int written = 0;
    while (pipe.log().lost() == 0 && written < 100'000) {
        pipe.log().info("filling the pipe");
        ++written;
    }
    REQUIRE(pipe.log().lost() == 1);
    pipe.log().info("lost too");
    CHECK(pipe.log().lost() == 2);
    CHECK(pipe.taken().find("lost") == std::string::npos);
    pipe.log().info("heard");
    CHECK(pipe.taken() ==
          "2026-11-21T06:20:53.007Z warning log lines were lost because nobody read them count=2\n"
          "2026-11-21T06:20:53.007Z info heard\n");
    CHECK(pipe.log().lost() == 2);
}

TEST_CASE("a bad descriptor loses lines and nothing else") {
    const FixedClock clock;
    Log log({LogLevel::info, LogFormat::text, -1, false}, clock);
    log.error("nobody");
    CHECK(log.lost() == 1);
}

TEST_CASE("lines of several threads do not mix") {
    LogPipe pipe({LogLevel::info, LogFormat::text, 2, true});
    const auto write = [&](std::string_view word) {
        for (int i = 0; i < 200; ++i) pipe.log().info(word);
    };
    std::thread other(write, "aaaaaaaaaaaaaaaa");
    write("bbbbbbbbbbbbbbbb");
    other.join();
    std::istringstream in(pipe.taken());
    int lines = 0;
    for (std::string line; std::getline(in, line); ++lines) {
        const bool whole = line == "<6>aaaaaaaaaaaaaaaa" || line == "<6>bbbbbbbbbbbbbbbb";
        CHECK(whole);
    }
    CHECK(lines == 400);
}
