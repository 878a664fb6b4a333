// The table of wanctl shm: each subcommand that reads, as text and as JSON, on a segment of each
// state a reader can meet under a name.
#include <sys/stat.h>

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "common/exit_code.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shm/corpse.hpp"
#include "tests/unit/shm/stranger.hpp"
#include "tests/unit/shm/tool.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr std::uint64_t kRecords = 10;

// What a state makes of each subcommand.
struct State {
    const char* word;  // of list and show
    int show;
    int others = tool_exit::kYes;  // dump, stats, verify: they read what is there
    std::function<Outcome(const std::string&)> run = run_tool;
};

struct Answer {
    const char* what;  // subcommand and options; the name comes last
    int State::*code;
    std::string text;  // that must be there
};

// The line or the object that tells of this segment, out of all on this machine.
std::string part_about(const std::string& list, const std::string& name) {
    const auto at = list.find(name);
    if (at == list.npos) return {};
    return list.substr(at, list.find_first_of("\n}", at) - at);
}

void check_list(const State& state, const std::string& name) {
    // The exit code tells of all segments on this machine; a test beside this one may have some.
    const Outcome text = state.run("shm list");
    const std::string row = part_about(text.text, name);
    INFO(text.text);
    CHECK(row.find(std::string(" ") + state.word) != row.npos);
    const Outcome json = state.run("shm list --json");
    const std::string object = part_about(json.text, name + '"');
    CHECK(object.find(std::string(":\"") + state.word + '"') != object.npos);
    CHECK(json.text.starts_with("[{"));
    CHECK(json.text.ends_with("}]\n"));
}

void check_table(const State& state, const std::string& name) {
    check_list(state, name);
    const std::string liveness = std::string("\"liveness\":\"") + state.word + '"';
    const std::array answers = {
        Answer{"show", &State::show, std::string("writer     ") + state.word},
        Answer{"show --json", &State::show, liveness},
        Answer{"show --json", &State::show, "\"fault\":null,\"newest\":{\"number\":9,"},
        Answer{"dump", &State::others, "#9 "},
        Answer{"dump --json", &State::others, "\n{\"number\":9,"},
        Answer{"dump --format csv", &State::others, "\n9,"},
        Answer{"stats --watch 0", &State::others, "10 records published, the last 10 read, 0 of"},
        Answer{"stats --watch 0 --json", &State::others,
               "\"records\":10,\"read\":10,\"lost\":0,\"backwards\":0,\"gap_ns\":{\"count\":9,"},
        Answer{"verify", &State::others, ": good; 4096 slots, 10 records whole and believable\n"},
        Answer{"verify --json", &State::others,
               "\"good\":true,\"slots\":4096,\"records\":10,\"replaced\":0,\"unfinished\":null,"
               "\"errors\":0,\"texts\":[]}\n"},
    };
    for (const Answer& answer : answers) {
        const Outcome outcome = state.run(std::string("shm ") + answer.what + " " + name);
        INFO(state.word << ", " << answer.what << ": " << outcome.text);
        CHECK(outcome.code == state.*answer.code);
        CHECK(outcome.has(answer.text));
    }
}

std::optional<CycleWriter> busy_writer(const ScratchName& name) {
    auto writer = new_writer(name);
    REQUIRE(writer);
    for (std::uint64_t n = 0; n < kRecords; ++n) writer->publish(record_of(n));
    return std::optional<CycleWriter>(std::move(*writer));
}

}  // namespace

TEST_CASE("the table of wanctl shm: a live writer") {
    const ScratchName name("tt-live");
    const auto writer = busy_writer(name);
    check_table({.word = "live", .show = tool_exit::kYes}, name.str());
}

TEST_CASE("the table of wanctl shm: a stopped writer") {
    const ScratchName name("tt-stop");
    busy_writer(name)->stop();
    check_table({.word = "stopped", .show = tool_exit::kNo}, name.str());
}

TEST_CASE("the table of wanctl shm: a killed writer, and one from another boot") {
    const ScratchName name("tt-dead");
    Corpse corpse(name, kRecords);
    const State dead{.word = "dead", .show = tool_exit::kNo};
    check_table(dead, name.str());
    corpse.header().boot_id[5] ^= 0x77;
    // That boot had lasted for much longer than this one.
    for (std::size_t slot = 0; slot < kRecords; ++slot) corpse.record(slot).mono_ns += 1LL << 50;
    corpse.header().heartbeat_ns += 1LL << 50;
    corpse.put_back();
    check_table(dead, name.str());
    const Outcome shown = run_tool("shm show " + name.str());
    CHECK(shown.has("(of another boot)"));
    CHECK(shown.has("newest record, number 9, of another boot"));
    CHECK(run_tool("shm show --json " + name.str()).has("\"newest_age_ms\":null"));
}

TEST_CASE("the table of wanctl shm: another user's, readable and not") {
    if (!Stranger::possible()) {
        WARN("skipped: needs root and setpriv");
        return;
    }
    const ScratchName name("tt-owner");
    const Corpse corpse(name, kRecords);
    const Stranger stranger;
    const auto as_stranger = [&](const std::string& arguments) { return stranger.run(arguments); };
    REQUIRE(::chmod(name.path().c_str(), 0644) == 0);
    check_table({.word = "dead", .show = tool_exit::kNo, .run = as_stranger}, name.str());
    REQUIRE(::chmod(name.path().c_str(), 0600) == 0);
    for (const char* command :
         {"show --json ", "dump --json ", "stats --json ", "verify --json "}) {
        const Outcome outcome = stranger.run("shm " + (command + name.str()));
        INFO(command << outcome.text);
        CHECK(outcome.code == tool_exit::kCannot);
        CHECK(outcome.has("Permission denied"));
        CHECK_FALSE(outcome.has("{"));
    }
    const Outcome list = stranger.run("shm list");
    CHECK(list.code == tool_exit::kCannot);
    CHECK(part_about(list.text, name.str()).find("cannot be read") != std::string::npos);
}
