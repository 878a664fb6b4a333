#include "tests/sim/rest/command_table.hpp"

#include "tests/sim/rest/timed_script.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

CommandTable echo_table() {
    CommandTable table;
    table.add("wait", "says how long", [](CommandArguments& arguments) -> Result<std::string> {
        const auto time = arguments.duration("for_s");
        if (!time) return tl::unexpected(time.error());
        return std::to_string(time->value_or(Nanos(0)).count());
    });
    return table;
}

}  // namespace

TEST_CASE("a command is found by name and its answer is one JSON line") {
    const auto table = echo_table();
    CHECK(table.run(R"({"cmd":"wait","for_s":0.25})") == R"({"ok":true,"result":250000000})");
    CHECK(table.run(R"({"cmd":"help"})") == R"({"ok":true,"result":{"wait":"says how long"}})");
}

TEST_CASE("what is wrong with a command line is said") {
    const auto table = echo_table();
    for (const auto& [line, part] : std::vector<std::pair<std::string, std::string>>{
             {"nonsense", "not one flat JSON object"},
             {"{}", "\\\"cmd\\\" is missing"},
             {R"({"cmd":"walk"})", "no command 'walk'"},
             {R"({"cmd":"wait","for_s":"long"})", "'long' is not a number"},
             {R"({"cmd":"wait","for_s":-1})", "must be between"},
             {R"({"cmd":"wait","fro_s":1})", "no member 'fro_s'"}}) {
        INFO(line);
        const auto answer = table.run(line);
        CHECK(answer.find(part) != std::string::npos);
        CHECK(answer.ends_with("\"ok\":false}"));
    }
}

TEST_CASE("a script runs its commands in the order of their times") {
    auto script = parse_script(
        "# faults\n"
        "{\"at_s\":0.02,\"cmd\":\"wait\",\"for_s\":2}\n\n"
        "{\"at_s\":0.01,\"cmd\":\"wait\",\"for_s\":1}\n");
    REQUIRE(script.has_value());
    const auto table = echo_table();
    boost::asio::io_context loop;
    std::vector<std::string> answers;
    TimedScript timed(
        loop, table, std::move(*script),
        [&answers](const std::string&, const std::string& answer) { answers.push_back(answer); });
    timed.start();
    loop.run();
    CHECK(answers == std::vector<std::string>{R"({"ok":true,"result":1000000000})",
                                              R"({"ok":true,"result":2000000000})"});
}

TEST_CASE("a script's error names its line") {
    CHECK(parse_script("\n{\"cmd\":\"wait\"}").error().message.find("line 2") == 0);
    CHECK(parse_script("x").error().message.find("line 1") == 0);
    CHECK_FALSE(parse_script("{\"at_s\":1}").has_value());
}
