// Every subcommand on every state a segment can be in: what it exits with, and what it says.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "common/exit_code.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/corpse.hpp"
#include "tests/unit/shm/stranger.hpp"
#include "tests/unit/shm/tool.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

struct Expected {
    const char* command;
    int code;
};

void check_all(const std::string& target, std::initializer_list<Expected> all) {
    for (const Expected& expected : all) {
        const std::string arguments = std::string("shm ") + expected.command + " " + target;
        const Outcome outcome = run_tool(arguments);
        INFO(arguments << ": " << outcome.text);
        CHECK(outcome.code == expected.code);
        CHECK_FALSE(outcome.text.empty());
    }
}

}  // namespace

TEST_CASE("every subcommand of wanctl shm answers about a live writer") {
    const ScratchName name("st-live");
    auto writer = new_writer(name);
    REQUIRE(writer);
    for (std::uint64_t n = 0; n < 10; ++n) writer->publish(record_of(n));
    check_all(name.str(), {{"show", tool_exit::kYes},
                           {"dump", tool_exit::kYes},
                           {"stats --watch 0", tool_exit::kYes},
                           {"verify", tool_exit::kYes},
                           {"clean", tool_exit::kNo}});
    CHECK(run_tool("shm clean " + name.str()).has("holds the segment's lock"));
    CHECK(::access(name.path().c_str(), F_OK) == 0);
}

TEST_CASE("every subcommand of wanctl shm answers about a stopped writer") {
    const ScratchName name("st-stop");
    {
        auto writer = new_writer(name);
        for (std::uint64_t n = 0; n < 10; ++n) writer->publish(record_of(n));
        writer->stop();
    }
    check_all(name.str(), {{"show", tool_exit::kNo},
                           {"dump", tool_exit::kYes},
                           {"stats", tool_exit::kYes},
                           {"verify", tool_exit::kYes},
                           {"clean", tool_exit::kYes},
                           {"clean", tool_exit::kCannot}});
    CHECK(::access(shm::lock_path(name.str()).c_str(), F_OK) != 0);
}

TEST_CASE("every subcommand of wanctl shm answers about a killed writer") {
    const ScratchName name("st-kill");
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    Child child([&] {
        auto writer = new_writer(name);
        for (std::uint64_t n = 0; n < 10; ++n) writer->publish(record_of(n));
        if (::write(ready[1], "x", 1) != 1) return 1;
        ::pause();
        return 0;
    });
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    CHECK(run_tool("shm clean " + name.str()).code == tool_exit::kNo);
    child.kill_hard();
    check_all(name.str(), {{"show", tool_exit::kNo},
                           {"dump", tool_exit::kYes},
                           {"stats", tool_exit::kYes},
                           {"verify", tool_exit::kYes},
                           {"clean", tool_exit::kNo}});
    CHECK(run_tool("shm show " + name.str()).has("dead"));
    const Outcome fresh = run_tool("shm clean " + name.str() + " --json");
    CHECK(fresh.has("\"removed\":false"));
    CHECK(fresh.has("heartbeat is only"));
    auto object = shm::SharedObject::open(shm::object_name(name.str()), shm::Access::read_write);
    REQUIRE(object);
    auto& header = *reinterpret_cast<shm::SegmentHeader*>(*object->map(shm::kSegmentBytes));
    header.heartbeat_ns -= 3'600'000'000'000;
    CHECK(run_tool("shm clean " + name.str() + " --json").has("\"removed\":true"));
    CHECK(::access(name.path().c_str(), F_OK) != 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("a copy of another boot is read, and its times are not taken for ours") {
    const ScratchName name("st-boot");
    const TempDir files;
    Corpse corpse(name, 30);
    corpse.header().boot_id[5] ^= 0x77;
    // The other machine had been up for much longer.
    for (std::size_t slot = 0; slot < 30; ++slot) corpse.record(slot).mono_ns += 1LL << 50;
    corpse.header().heartbeat_ns += 1LL << 50;
    const std::string file = files.file("copy");
    corpse.save(file);
    check_all("--file " + file, {{"show", tool_exit::kYes},
                                 {"dump", tool_exit::kYes},
                                 {"stats", tool_exit::kYes},
                                 {"verify", tool_exit::kYes}});
    const Outcome shown = run_tool("shm show --json --file " + file);
    CHECK(shown.has("\"liveness\":\"copy\""));
    CHECK(shown.has("\"newest_age_ms\":null"));
    const Outcome dumped = run_tool("shm dump --from oldest --json --file " + file);
    CHECK(dumped.text.starts_with("{\"number\":0,"));
    CHECK(dumped.has("{\"number\":29,"));
    // Under its name in shared memory it is a corpse, which nothing keeps from being cleaned.
    corpse.put_back();
    check_all(name.str(),
              {{"show", tool_exit::kNo}, {"verify", tool_exit::kYes}, {"clean", tool_exit::kYes}});
}

TEST_CASE("another user's segment is named with its owner and the command for root") {
    if (!Stranger::possible()) {
        WARN("skipped: needs root and setpriv");
        return;
    }
    const ScratchName name("st-owner");
    Corpse corpse(name, 3);
    corpse.let_rest();
    corpse.put_back();
    const Stranger stranger;
    for (const char* command : {"show ", "dump ", "stats ", "verify "}) {
        const Outcome outcome = stranger.run("shm " + (command + name.str()));
        INFO(outcome.text);
        CHECK(outcome.code == tool_exit::kCannot);
        CHECK(outcome.has("Permission denied"));
        CHECK(outcome.has("[shm] group"));
    }
    CHECK(stranger.run("shm list").code == tool_exit::kCannot);
    CHECK(stranger.run("shm list --json").has("\"error\":\"no_permission\""));
    const Outcome cleaned = stranger.run("shm clean " + name.str());
    CHECK(cleaned.code == tool_exit::kCannot);
    CHECK(cleaned.has("belongs to root (uid 0)"));
    CHECK(cleaned.has("wanctl shm clean " + name.str()));
    REQUIRE(::chmod(name.path().c_str(), 0644) == 0);
    CHECK(stranger.run("shm show " + name.str()).code == tool_exit::kNo);
    CHECK(stranger.run("shm dump " + name.str()).code == tool_exit::kYes);
    CHECK(stranger.run("shm clean " + name.str()).code == tool_exit::kCannot);
    // Root is told whose it is, and can.
    REQUIRE(::chown(name.path().c_str(), 65534, 65534) == 0);
    CHECK(run_tool("shm show " + name.str()).has("uid 65534"));
    CHECK(run_tool("shm clean " + name.str()).code == tool_exit::kYes);
}

TEST_CASE("without any segment the list is empty and the rest is absent") {
    const std::string alone =
        "unshare --map-root-user --mount sh -c 'mount -t tmpfs none /dev/shm && exec \"$@\"' sh";
    if (std::system((alone + " true 2>/dev/null").c_str()) != 0) {
        WARN("skipped: no mount namespaces here");
        return;
    }
    const auto run = [&](const std::string& arguments) { return Tool(arguments, alone).finish(); };
    CHECK(run("shm list").code == tool_exit::kYes);
    CHECK(run("shm list").has("no segments"));
    CHECK(run("shm list --json").text == "[]\n");
    for (const char* command : {"show", "dump", "stats", "verify", "clean"}) {
        CHECK(run(std::string("shm ") + command + " cable").code == tool_exit::kCannot);
    }
    CHECK(run("shm layout").code == tool_exit::kYes);
}

TEST_CASE("what is no segment is refused by each subcommand, and not removed when it is no file") {
    const ScratchName name("st-junk");
    const TempDir files;
    check_all("--file " + files.file("absent"), {{"show", tool_exit::kCannot},
                                                 {"dump", tool_exit::kCannot},
                                                 {"stats", tool_exit::kCannot},
                                                 {"verify", tool_exit::kCannot}});
    Corpse corpse(name, 3);
    const std::string file = files.file("copy");
    corpse.save(file);
    REQUIRE(::truncate(file.c_str(), 100'000) == 0);
    check_all("--file " + file, {{"dump", tool_exit::kInvalid}, {"verify", tool_exit::kInvalid}});
    corpse.header().abi_major = 2;
    corpse.save(file);
    const Outcome other = run_tool("shm dump --file " + file);
    CHECK(other.code == tool_exit::kCannot);
    CHECK(other.has("ABI 2.0"));
    CHECK(other.has("reads 1.x"));
    // Another major version's corpse can still be cleaned: its lock is free.
    corpse.put_back();
    check_all(name.str(), {{"show", tool_exit::kCannot}, {"clean", tool_exit::kYes}});
    REQUIRE(::mkfifo(name.path().c_str(), 0600) == 0);
    check_all(name.str(), {{"show", tool_exit::kCannot}, {"clean", tool_exit::kInvalid}});
    for (const char* usage : {"shm show", "shm verify", "shm clean UPPER", "shm clean",
                              "shm dump x --file y", "shm dump --follow --file y"}) {
        CHECK(run_tool(usage).code == tool_exit::kUsage);
    }
}

TEST_CASE("verify names each damage by its place, and forgives the slot a writer died in") {
    const ScratchName name("st-verify");
    const TempDir files;
    const std::string file = files.file("copy");
    const auto verified = [&](auto&& damage) {
        Corpse corpse(name, 10);
        damage(corpse);
        corpse.save(file);
        const Outcome outcome = run_tool("shm verify --file " + file);
        CAPTURE(outcome.text);
        return outcome;
    };
    const Outcome good = verified([](Corpse&) {});
    CHECK(good.code == tool_exit::kYes);
    CHECK(good.has("4096 slots, 10 records"));
    // As the eleventh record begins.
    const Outcome died = verified([](Corpse& c) { c.sequence(10) = 21; });
    CHECK(died.code == tool_exit::kYes);
    CHECK(died.has("record 10 was being written"));
    const auto bad = [&](auto&& damage, const char* words) {
        const Outcome outcome = verified(damage);
        INFO(outcome.text);
        CHECK(outcome.code == tool_exit::kNo);
        CHECK(outcome.has(words));
    };
    bad([](Corpse& c) { c.sequence(4) = 11; }, "slot 4: sequence 11");
    bad([](Corpse& c) { c.sequence(700) = 2; }, "slot 700: sequence 2, nothing");
    bad([](Corpse& c) { c.record(7).direction[1].zone = 9; }, "record 7 (slot 7): ul_zone = 9");
    bad([](Corpse& c) { c.record(3).mono_ns -= 1'000'000'000; }, "record 3 (slot 3): made before");
    bad([](Corpse& c) { c.record(9).mono_ns += 1LL << 50; }, "lies in the future");
    bad([](Corpse& c) { c.header().head = 12; }, "slot 10: sequence 0");
    bad([](Corpse& c) { c.header().state = 9; }, "state = 9");
    bad([](Corpse& c) { c.header().tick_period_ns = 0; }, "tick period");
    bad([](Corpse& c) { c.header().reserved0[47] = 1; }, "reserved");
    bad([](Corpse& c) { c.header().facts_head = 5; }, "no whole copy");
}
