// Records that this tool was not compiled for: a newer minor version, another build, a kind nobody
// knows. All are read by what the segment says of itself.
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "common/exit_code.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/shm/corpse.hpp"
#include "tests/unit/shm/next_version.hpp"
#include "tests/unit/shm/tool.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// A kind of record that only this test knows.
struct Alien {
    std::int64_t mono_ns;
    std::int64_t real_ns;
    std::uint64_t abductions;
    std::int32_t depth_us[2];
    std::byte rest[kRecordBytes - 32];
};
constexpr std::array<std::string_view, 2> kSideWords{"left", "right"};
constexpr NameTable kSide{"side", kSideWords};
constexpr std::array<CounterInfo, 1> kAlienCounters{{{"landings", "", "times it came down"}}};

RecordAbi alien_abi(std::vector<FieldInfo>& fields) {
    fields = {
        {"mono_ns", FieldType::i64, 0, 1, "ns", "CLOCK_MONOTONIC"},
        {"real_ns", FieldType::i64, 8, 1, "ns", "CLOCK_REALTIME"},
        {"abductions", FieldType::u64, 16, 1, "", "since the last landing"},
        {"depth_us", FieldType::i32, 24, 2, "us", "of the probe", FieldRole::per_index, &kSide, -1},
        {"rest", FieldType::u8, 32, sizeof(Alien::rest), "", "zero", FieldRole::reserved},
    };
    RecordAbi abi;
    abi.kind = static_cast<RecordKind>(77);
    abi.fields = fields;
    abi.counters = kAlienCounters;
    abi.layout_hash = layout_hash(fields);
    abi.description = self_description(abi, Detail::full);
    return abi;
}

}  // namespace

TEST_CASE("the tool shows the fields that a newer minor version has added") {
    const ScratchName name("next");
    std::vector<FieldInfo> fields;
    const RecordAbi abi = next_abi(fields);
    auto writer = shm::SegmentWriter<NextRecord>::create(options_for(name), abi, SystemClock());
    REQUIRE(writer);
    for (std::uint64_t n = 0; n < 5; ++n) writer->publish(next_record(n));
    const Outcome shown = run_tool("shm show " + name.str());
    INFO(shown.text);
    CHECK(shown.code == tool_exit::kYes);
    CHECK(shown.has("record version 2 of ABI 1.1, this program has version 1"));
    CHECK(shown.has("jitter_us"));
    CHECK(shown.has("1.2 ms"));
    CHECK(shown.has("how much the RTT varies"));
    CHECK(shown.has("storm"));
    const Outcome json = run_tool("shm dump " + name.str() + " --last 1 --json");
    CHECK(json.has("\"rtt_us\":21500"));
    CHECK(json.has("\"jitter_us\":1250"));
    CHECK(json.has("\"weather\":\"storm\""));
    CHECK(run_tool("shm list --json")
              .has("\"abi\":\"1.1\",\"record_version\":2,\"decoded_by\":"
                   "\"description\""));
    CHECK(run_tool("shm verify " + name.str()).code == tool_exit::kYes);
    CHECK(run_tool("shm stats --watch 0 " + name.str()).code == tool_exit::kYes);
    // The figures this program knows are judged as ever.
    NextRecord damaged = next_record(5);
    const std::uint8_t too_many = 200;
    std::memcpy(damaged.known + offsetof(CycleRecord, reflectors), &too_many, 1);
    writer->publish(damaged);
    const Outcome bad = run_tool("shm show " + name.str());
    CHECK(bad.code == tool_exit::kInvalid);
    CHECK(bad.has("NOT BELIEVABLE: reflectors = 200"));
}

TEST_CASE("a reader compiled for the older minor version reads the fields it knows") {
    const ScratchName name("older");
    std::vector<FieldInfo> fields;
    const RecordAbi abi = next_abi(fields);
    CHECK(abi.layout_hash == cycle_abi().layout_hash);
    auto writer = shm::SegmentWriter<NextRecord>::create(options_for(name), abi, SystemClock());
    writer->publish(next_record(7));
    const auto reader = new_reader(name);
    REQUIRE(reader);
    CHECK(reader->facts().abi_minor == 1);
    CycleRecord record;
    std::uint64_t number = 0;
    REQUIRE(reader->read_newest(record, number) == shm::ReadStatus::ok);
    CHECK(record.slot == 7);
    CHECK(record.rtt_us == 21'500);
}

TEST_CASE("a kind of record nobody has told the tool about is shown all the same") {
    const ScratchName name("alien");
    std::vector<FieldInfo> fields;
    auto writer =
        shm::SegmentWriter<Alien>::create(options_for(name), alien_abi(fields), SystemClock());
    REQUIRE(writer);
    writer->count(0, 12);
    for (int n = 0; n < 3; ++n) {
        Alien alien{};
        const CycleRecord now = record_of(0);
        alien.mono_ns = now.mono_ns;
        alien.real_ns = now.real_ns;
        alien.abductions = 41 + static_cast<unsigned>(n);
        alien.depth_us[0] = -1;
        alien.depth_us[1] = 90;
        writer->publish(alien);
    }
    const Outcome shown = run_tool("shm show --json " + name.str());
    INFO(shown.text);
    CHECK(shown.code == tool_exit::kYes);
    CHECK(shown.has("\"abductions\":43"));
    CHECK(shown.has("\"depth_us\":{\"left\":null,\"right\":90}"));
    CHECK(shown.has("\"landings\":12"));
    CHECK(shown.has("\"facts\":null"));
    CHECK(run_tool("shm dump " + name.str()).has("abductions 41"));
    CHECK(run_tool("shm dump --format csv " + name.str())
              .has("number,mono_ns,real_ns,abductions,depth_us_0,depth_us_1"));
    CHECK(run_tool("shm verify " + name.str()).code == tool_exit::kYes);
}

TEST_CASE("a follower goes on when the next writer is of a newer version") {
    const ScratchName name("upgrade");
    std::optional<CycleWriter> old(std::move(*new_writer(name)));
    old->publish(record_of(0));
    Tool tool("shm dump " + name.str() + " --follow --count 2 --json");
    CHECK(tool.line().starts_with("{\"number\":0,"));
    old->stop();
    old.reset();
    std::vector<FieldInfo> fields;
    auto writer =
        shm::SegmentWriter<NextRecord>::create(options_for(name), next_abi(fields), SystemClock());
    writer->publish(next_record(0));
    const Outcome rest = tool.finish();
    CHECK(rest.code == tool_exit::kYes);
    CHECK(rest.has("\"event\":\"restart\""));
    CHECK(rest.has("\"weather\":\"storm\""));
}

TEST_CASE("another build's fields are read by its description when that fits its hash") {
    const ScratchName name("build");
    const TempDir files;
    const std::string file = files.file("copy");
    std::vector<FieldInfo> fields;
    const RecordAbi abi = other_build_abi(fields);
    auto writer = CycleWriter::create(options_for(name), abi, SystemClock());
    writer->publish(record_of(0));
    const Outcome shown = run_tool("shm show --json " + name.str());
    INFO(shown.text);
    CHECK(shown.code == tool_exit::kYes);
    CHECK(shown.has("written by another build"));
    CHECK(shown.has("\"round_trip_us\":21500"));
    // A daemon has only its compiled table and refuses.
    CHECK(new_reader(name).error().status == shm::AttachStatus::hash_mismatch);
}

TEST_CASE("a description that is not the one its records were written by is not believed") {
    const ScratchName name("liar");
    const TempDir files;
    const std::string file = files.file("copy");
    Corpse corpse(name, 2);
    corpse.header().layout_hash ^= 1;
    corpse.save(file);
    const Outcome wrong_hash = run_tool("shm dump --file " + file);
    CHECK(wrong_hash.code == tool_exit::kInvalid);
    CHECK(wrong_hash.has("not the one it was written with"));
    std::memset(corpse.header().description, '\x1b', sizeof corpse.header().description);
    corpse.save(file);
    const Outcome garbage = run_tool("shm dump --file " + file);
    CHECK(garbage.code == tool_exit::kInvalid);
    CHECK(garbage.has("cannot be used"));
    CHECK_FALSE(garbage.has("\x1b"));
    // With the hash this program knows, the description is not needed at all.
    corpse.header().layout_hash = cycle_abi().layout_hash;
    corpse.save(file);
    CHECK(run_tool("shm dump --file " + file).code == tool_exit::kYes);
}
