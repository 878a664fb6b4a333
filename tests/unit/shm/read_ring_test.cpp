// The documentation of the ABI and the reader in Python that stands beside it: both must be true of
// this build.
#include <fstream>
#include <sstream>
#include <string>

#include "common/exit_code.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/corpse.hpp"
#include "tests/unit/shm/tool.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const std::string kReader = WANCTL_DOCS "/read_ring.py";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the tables of SHM-ABI.md are the ones this program was compiled with") {
    const std::string document = file_text(WANCTL_DOCS "/SHM-ABI.md");
    const std::string begin = "<!-- begin: wanctl shm layout --markdown -->\n";
    const auto from = document.find(begin);
    const auto to = document.find("<!-- end -->");
    REQUIRE(from != document.npos);
    REQUIRE(to != document.npos);
    const std::string committed = document.substr(from + begin.size(), to - from - begin.size());
    // When they differ: put the output of `wanctl shm layout --markdown` between the two marks.
    CHECK((committed == run_tool("shm layout --markdown").text));
}

TEST_CASE("the reader in Python follows a living writer by the segment's own description") {
    const ScratchName name("python");
    Child writer_process([&] {
        auto writer = new_writer(name);
        for (std::uint64_t n = 0;; ++n) {
            CycleRecord record = record_of(n);
            record.direction[0].zone = 2;
            record.direction[0].wanted_bps = static_cast<std::int64_t>(1000 * n);
            writer->publish(record);
            ::usleep(500);
        }
        return 0;
    });
    REQUIRE(wait_until([&] { return new_reader(name).has_value(); }));
    ChildProcess python({"python3", kReader, name.str(), "--count", "50"});
    const auto code = python.wait();
    INFO(python.err());
    REQUIRE(code);
    CHECK(*code == 0);
    std::istringstream lines(python.out());
    std::string line;
    std::uint64_t before = 0;
    int count = 0;
    while (std::getline(lines, line)) {
        const std::uint64_t number = std::stoull(line.substr(line.find(':') + 1));
        CAPTURE(line);
        CHECK((count == 0 || number > before));
        CHECK(has(line, "\"slot\": " + std::to_string(number) + ","));
        CHECK(has(line, "\"dl_wanted_bps\": " + std::to_string(1000 * number) + ","));
        CHECK(has(line, "\"dl_zone\": \"SOFT_RED\""));
        CHECK(has(line, "\"ul_held_bps\": null"));
        before = number;
        ++count;
    }
    CHECK(count == 50);
}

TEST_CASE("the reader in Python refuses another major version and takes no torn record") {
    const ScratchName name("py-bad");
    const TempDir files;
    const std::string file = files.file("copy");
    Corpse corpse(name, 2);
    corpse.save(file);
    const auto read = [&] {
        ChildProcess python({"python3", kReader, "--file", file});
        static_cast<void>(python.wait());
        return python.out() + python.err();
    };
    CHECK(has(read(), "\"number\": 1,"));
    // The newest slot says that it is being written.
    corpse.sequence(1) = 3;
    corpse.save(file);
    CHECK(read().empty());
    corpse.header().abi_major = 3;
    corpse.save(file);
    CHECK(has(read(), "ABI 3.0, this reads 1.x"));
}

TEST_CASE("the reader in Python says why no record comes any more") {
    const ScratchName name("py-end");
    const auto end = [&] {
        ChildProcess python({"python3", kReader, name.str()});
        const auto code = python.wait();
        REQUIRE(code);
        CHECK(*code == 1);
        CHECK(has(python.out(), "\"number\": 1,"));
        return python.err();
    };
    SECTION("its loop stands still") {
        shm::WriterOptions options = options_for(name);
        options.stale_after = std::chrono::milliseconds(100);
        auto writer = CycleWriter::create(options, cycle_abi(), SystemClock());
        REQUIRE(writer);
        writer->publish(record_of(0));
        writer->publish(record_of(1));
        CHECK(has(end(), "the writer hangs: no heartbeat for"));
    }
    SECTION("it stopped") {
        auto writer = new_writer(name);
        writer->publish(record_of(0));
        writer->publish(record_of(1));
        writer->stop();
        CHECK(end() == "the writer has stopped\n");
    }
    SECTION("it died, in this boot or another") {
        Corpse corpse(name, 2);
        CHECK(end() == "the writer is dead\n");
        corpse.header().boot_id[5] ^= 0x77;
        corpse.header().heartbeat_ns += 1LL << 50;
        corpse.put_back();
        CHECK(end() == "the writer is dead\n");
    }
}

TEST_CASE("the reader in Python reads a stopped writer's copy like any other") {
    const ScratchName name("py-copy");
    const TempDir files;
    Corpse corpse(name, 2);
    corpse.header().state = 3;
    corpse.save(files.file("copy"));
    ChildProcess python({"python3", kReader, "--file", files.file("copy")});
    CHECK(python.wait() == 0);
    CHECK(has(python.out(), "\"number\": 1,"));
    CHECK(python.err().empty());
}
