#include "shm/attach.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

// The bytes of a good segment whose writer is gone, to be damaged and put back.
class Crafted {
  public:
    explicit Crafted(const char* what) : name_(what) {
        {
            auto writer = new_writer(name_);
            writer->publish(record_of(1));
        }
        std::ifstream file(name_.path(), std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }

    [[nodiscard]] const ScratchName& name() const { return name_; }
    [[nodiscard]] SegmentHeader& header() {
        return *reinterpret_cast<SegmentHeader*>(bytes_.data());
    }
    std::vector<char>& bytes() { return bytes_; }

    [[nodiscard]] AttachStatus attach(const AttachOptions& options = {}) {
        std::ofstream(name_.path(), std::ios::binary)
            .write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
        return status_now(options);
    }
    [[nodiscard]] AttachStatus status_now(const AttachOptions& options = {}) {
        const auto reader = CycleReader::attach(name_.str(), cycle_abi(), options);
        if (reader) return kAttached;
        text_ = reader.error().text;
        return reader.error().status;
    }
    // Of the last refusal.
    [[nodiscard]] const std::string& text() const { return text_; }

    static constexpr auto kAttached = static_cast<AttachStatus>(255);

  private:
    ScratchName name_;
    std::vector<char> bytes_;
    std::string text_;
};

}  // namespace

TEST_CASE("a good segment attaches, a live one only while its writer lives") {
    Crafted crafted("good");
    REQUIRE(crafted.bytes().size() == kSegmentBytes);
    CHECK(crafted.attach() == Crafted::kAttached);
    AttachOptions live;
    live.want = Want::live;
    live.now = SystemClock().steady();
    CHECK(crafted.attach(live) == AttachStatus::dead);
    crafted.header().state = static_cast<std::uint32_t>(SegmentState::retired);
    CHECK(crafted.attach(live) == AttachStatus::retired);
    CHECK(crafted.attach() == Crafted::kAttached);
}

TEST_CASE("each damage of a header is refused under its own name") {
    struct Damage {
        AttachStatus expected;
        std::function<void(SegmentHeader&)> done;
    };
    const Damage all[] = {
        {AttachStatus::not_ready, [](SegmentHeader& h) { h.magic = 0; }},
        {AttachStatus::foreign_magic, [](SegmentHeader& h) { h.magic ^= 1; }},
        {AttachStatus::other_endian, [](SegmentHeader& h) { h.endian_marker = 0x04030201; }},
        {AttachStatus::other_major, [](SegmentHeader& h) { h.abi_major = 2; }},
        {AttachStatus::other_kind, [](SegmentHeader& h) { h.record_kind = 2; }},
        {AttachStatus::hash_mismatch, [](SegmentHeader& h) { h.layout_hash ^= 1; }},
        {AttachStatus::wrong_geometry, [](SegmentHeader& h) { h.segment_size -= 512; }},
        {AttachStatus::wrong_geometry, [](SegmentHeader& h) { h.header_size = 4096; }},
        {AttachStatus::wrong_geometry, [](SegmentHeader& h) { h.slot_size = 256; }},
        {AttachStatus::wrong_geometry, [](SegmentHeader& h) { h.slot_count = 1U << 31; }},
        {Crafted::kAttached, [](SegmentHeader& h) { h.abi_minor = 7; }},
    };
    for (const Damage& damage : all) {
        Crafted crafted("header");
        damage.done(crafted.header());
        CAPTURE(name(damage.expected));
        CHECK(crafted.attach() == damage.expected);
    }
}

TEST_CASE("another major version is refused with both numbers") {
    Crafted crafted("major");
    crafted.header().abi_major = 9;
    CHECK(crafted.attach() == AttachStatus::other_major);
    CHECK(crafted.text().find("9.0") != std::string::npos);
    CHECK(crafted.text().find("1.x") != std::string::npos);
}

TEST_CASE("files of another length are refused before they are mapped") {
    Crafted crafted("length");
    crafted.bytes().resize(kSegmentBytes - 1);
    CHECK(crafted.attach() == AttachStatus::wrong_size);
    crafted.bytes().resize(kSegmentBytes + 4096);
    CHECK(crafted.attach() == AttachStatus::wrong_size);
    crafted.bytes().resize(100);
    CHECK(crafted.attach() == AttachStatus::wrong_size);
    crafted.bytes().clear();
    CHECK(crafted.attach() == AttachStatus::not_ready);
}

TEST_CASE("an object of another owner or writable by others is refused") {
    Crafted crafted("owner");
    AttachOptions options;
    options.owners = {::geteuid() + 1};
    CHECK(crafted.attach(options) == AttachStatus::wrong_owner);
    options.owners = own_and_root();
    CHECK(crafted.attach(options) == Crafted::kAttached);
    REQUIRE(::chmod(crafted.name().path().c_str(), 0660) == 0);
    CHECK(crafted.status_now() == AttachStatus::wrong_mode);
    REQUIRE(::chmod(crafted.name().path().c_str(), 0642) == 0);
    CHECK(crafted.status_now() == AttachStatus::wrong_mode);
}

TEST_CASE("what is no shared-memory object is not opened at all") {
    const ScratchName name("kinds");
    const auto status = [&] { return new_reader(name).error().status; };
    CHECK(status() == AttachStatus::absent);
    REQUIRE(::mkdir(name.path().c_str(), 0700) == 0);
    CHECK(status() == AttachStatus::not_regular);
    REQUIRE(::rmdir(name.path().c_str()) == 0);
    REQUIRE(::symlink("/etc/passwd", name.path().c_str()) == 0);
    CHECK(status() == AttachStatus::not_regular);
    REQUIRE(::unlink(name.path().c_str()) == 0);
    // Would block an open for ever.
    REQUIRE(::mkfifo(name.path().c_str(), 0600) == 0);
    CHECK(status() == AttachStatus::not_regular);
    const auto reader = CycleReader::attach("../../etc/passwd", cycle_abi(), {});
    CHECK(reader.error().status == AttachStatus::bad_name);
}

TEST_CASE("texts and times of a header are bounded whatever they hold") {
    Crafted crafted("bounds");
    std::memset(crafted.header().wan, 'w', sizeof crafted.header().wan);
    std::memset(crafted.header().version, 'v', sizeof crafted.header().version);
    std::memset(crafted.header().description, 'd', sizeof crafted.header().description);
    crafted.header().stale_after_ns = std::numeric_limits<std::int64_t>::max();
    crafted.header().tick_period_ns = -1;
    crafted.header().counter_count = 1'000'000;
    crafted.header().state = 77;
    REQUIRE(crafted.attach() == Crafted::kAttached);
    const auto reader = new_reader(crafted.name());
    CHECK(reader->facts().wan.size() == kWanBytes);
    CHECK(reader->facts().version.size() == kVersionBytes);
    CHECK(reader->facts().description.size() >= kDescriptionBytes);
    CHECK(reader->facts().description.size() <= kDescriptionBytes + kMoreDescriptionBytes);
    CHECK(reader->facts().stale_after == std::chrono::hours(1));
    CHECK(reader->facts().tick_period == std::chrono::milliseconds(1));
    CHECK(reader->facts().counter_count == kMaxCounters);
    CHECK(name(reader->state()) == "invalid");
}

TEST_CASE("a segment of another boot is dead, whatever its clock says") {
    Crafted crafted("boot");
    crafted.header().boot_id[3] ^= 0x55;
    REQUIRE(crafted.attach() == Crafted::kAttached);
    CHECK(new_reader(crafted.name())->liveness(SystemClock().steady()) == Liveness::dead);
}

TEST_CASE("slots full of garbage yield no record and no crash") {
    Crafted crafted("slots");
    std::uint32_t noise = 12345;
    for (std::size_t i = kHeaderBytes; i < kSegmentBytes; ++i) {
        noise = noise * 1'664'525U + 1'013'904'223U;
        crafted.bytes()[i] = static_cast<char>(noise >> 24);
    }
    crafted.header().head = 0xFFFF'FFFF'FFFF'FFF0ULL;
    REQUIRE(crafted.attach() == Crafted::kAttached);
    const auto reader = new_reader(crafted.name());
    CycleRecord record;
    std::uint64_t number = 0;
    CHECK(reader->read_newest(record, number) == ReadStatus::contended);
    auto cursor = reader->from_oldest();
    CHECK(cursor.next(record).status == CursorStatus::contended);
}
