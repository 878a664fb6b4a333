// The program `wanctl` itself, run as an operator runs it.
#include <cstdio>
#include <string>

#include "common/exit_code.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/states.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"
#include "tests/unit/shm/tool.hpp"

using namespace wanctl;
using namespace wanctl::test;

TEST_CASE("wanctl shm list names live and unreadable segments") {
    const ScratchName name("list");
    const ScratchName broken("broken");
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish(record_of(1));
    std::FILE* file = std::fopen(broken.path().c_str(), "w");
    REQUIRE(file != nullptr);
    std::fclose(file);
    const Outcome text = run_tool("shm list");
    CHECK(text.code == tool_exit::kCannot);
    CHECK(text.has(name.str()));
    CHECK(text.has("live"));
    CHECK(text.has("is empty"));
    const Outcome json = run_tool("shm list --json");
    CHECK(json.has("\"name\":\"" + name.str() + "\""));
    CHECK(json.has("\"error\":\"not_ready\""));
}

TEST_CASE("wanctl shm show answers fresh, stale, empty and absent by its exit code") {
    const ScratchName name("show");
    CHECK(run_tool("shm show " + name.str()).code == tool_exit::kCannot);
    auto writer = new_writer(name);
    REQUIRE(writer);
    CHECK(run_tool("shm show " + name.str()).code == tool_exit::kInvalid);

    CycleRecord record = record_of(3);
    record.direction[0].zone = static_cast<std::uint8_t>(Zone::soft_red);
    record.direction[0].wanted_bps = 420'500'000;
    record.direction[0].transition_reason =
        static_cast<std::uint8_t>(TransitionReason::exceeded_soft_red);
    record.direction[0].transition_delta_ns = 50'300'000;
    record.direction[0].transition_threshold_ns = 45'000'000;
    writer->publish(record);
    writer->count(CycleCounter::writes_refused, 41);
    const Outcome fresh = run_tool("shm show " + name.str());
    CHECK(fresh.code == tool_exit::kYes);
    CHECK(fresh.has("SOFT_RED: wanted 420.5 Mbit/s"));
    CHECK(fresh.has("RTT delta 50.3ms exceeded soft_red threshold 45ms"));
    CHECK(fresh.has("21.5 ms"));
    const Outcome json = run_tool("shm show " + name.str() + " --json");
    CHECK(json.has("\"dl_zone\":\"SOFT_RED\""));
    CHECK(json.has("\"dl_wanted_bps\":420500000"));
    CHECK(json.has("\"ul_held_bps\":null"));
    CHECK(json.has("\"writes_refused\":41"));

    record.mono_ns -= 5'000'000'000;
    writer->publish(record);
    CHECK(run_tool("shm show " + name.str() + " --max-age 2").code == tool_exit::kNo);
    CHECK(run_tool("shm show " + name.str()).code == tool_exit::kYes);

    record.direction[0].zone = 9;
    writer->publish(record);
    const Outcome damaged = run_tool("shm show " + name.str());
    CHECK(damaged.code == tool_exit::kInvalid);
    CHECK(damaged.has("NOT BELIEVABLE: dl_zone = 9"));

    writer->publish(record_of(4));
    writer->stop();
    const Outcome stopped = run_tool("shm show " + name.str());
    CHECK(stopped.code == tool_exit::kNo);
    CHECK(stopped.has("stopped"));
}

TEST_CASE("wanctl shm dump prints the last records in each format") {
    const ScratchName name("dump");
    auto writer = new_writer(name);
    REQUIRE(writer);
    for (std::uint64_t n = 0; n < 20; ++n) writer->publish(record_of(n));
    const Outcome text = run_tool("shm dump " + name.str() + " --last 2");
    CHECK(text.code == tool_exit::kYes);
    CHECK(text.has("#18"));
    CHECK(text.has("#19"));
    CHECK_FALSE(text.has("#17"));
    CHECK(run_tool("shm dump " + name.str() + " --from oldest --json").has("{\"number\":0,"));
    const Outcome csv = run_tool("shm dump " + name.str() + " --last 1 --format csv");
    CHECK(csv.has("number,mono_ns,"));
    CHECK(csv.has("\n19,"));
    CHECK(run_tool("shm dump " + name.str() + " --format xml").code == tool_exit::kUsage);
}

TEST_CASE("wanctl shm dump --follow goes on over loss, end and restart of the writer") {
    const ScratchName name("follow");
    std::optional<CycleWriter> writer(std::move(*new_writer(name)));
    writer->publish(record_of(0));
    Tool tool("shm dump " + name.str() + " --follow --count 4 --format json");
    CHECK(tool.line().starts_with("{\"number\":0,"));
    writer->publish(record_of(1));
    CHECK(tool.line().starts_with("{\"number\":1,"));
    writer->stop();
    CHECK(tool.line() == "{\"event\":\"stopped\"}\n");
    writer.reset();
    writer.emplace(std::move(*new_writer(name)));
    std::string next = tool.line();
    if (next == "{\"event\":\"retired\"}\n") next = tool.line();
    CHECK(next == fmt::format("{{\"event\":\"restart\",\"pid\":{}}}\n", ::getpid()));
    writer->publish(record_of(0));
    CHECK(tool.line().starts_with("{\"number\":0,"));
    writer->publish(record_of(1));
    CHECK(tool.line().starts_with("{\"number\":1,"));
    CHECK(tool.finish().code == 0);
}

TEST_CASE("wanctl says what it cannot do and how it is used") {
    CHECK(run_tool("").code == tool_exit::kUsage);
    CHECK(run_tool("shm").code == tool_exit::kUsage);
    CHECK(run_tool("shm frobnicate").code == tool_exit::kUsage);
    CHECK(run_tool("shm show UPPER").code == tool_exit::kUsage);
    CHECK(run_tool("--help").code == 0);
    CHECK(run_tool("shm show --help").has("--max-age"));
    const Outcome layout = run_tool("shm layout");
    CHECK(layout.has("stage_ns"));
    CHECK(layout.has("worst_lateness_ns"));
    CHECK(run_tool("shm layout --json").has("\"layout_hash\""));
}

TEST_CASE("a segment truncated under the tool ends it with exit code 3, not with a crash") {
    const ScratchName name("sigbus");
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish(record_of(0));
    Tool tool("shm dump " + name.str() + " --follow");
    CHECK(tool.line().find("#0") != std::string::npos);
    REQUIRE(::truncate(name.path().c_str(), 0) == 0);
    const Outcome outcome = tool.finish();
    CHECK(outcome.code == tool_exit::kInvalid);
    CHECK(outcome.has("truncated"));
}
