#include "shm/attach.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

// While it lives, root is a user without rights.
class Nobody {
  public:
    explicit Nobody(bool wanted) : wanted_(wanted) {
        if (!wanted_) return;
        groups_.resize(static_cast<std::size_t>(::getgroups(0, nullptr)));
        REQUIRE(::getgroups(static_cast<int>(groups_.size()), groups_.data()) >= 0);
        group_ = ::getegid();
        REQUIRE(::setgroups(0, nullptr) == 0);
        REQUIRE(::setegid(kNobody) == 0);
        REQUIRE(::seteuid(kNobody) == 0);
    }
    ~Nobody() {
        if (!wanted_) return;
        CHECK(::seteuid(0) == 0);
        CHECK(::setegid(group_) == 0);
        CHECK(::setgroups(groups_.size(), groups_.data()) == 0);
    }
    Nobody(const Nobody&) = delete;
    Nobody& operator=(const Nobody&) = delete;

  private:
    static constexpr uid_t kNobody = 65534;

    bool wanted_;
    gid_t group_ = 0;
    std::vector<gid_t> groups_;
};

// The bytes of a good segment whose writer is gone, to be damaged and put back.
class Crafted {
  public:
    explicit Crafted(const char* what) : name_(what) {
        {
            auto writer = new_writer(name_);
            writer->publish(record_of(1));
        }
        std::ifstream file(name_.path(), std::ios::binary);
        bytes_.resize(kSegmentBytes);
        file.read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    }

    [[nodiscard]] const ScratchName& name() const { return name_; }
    [[nodiscard]] std::string path() const { return name_.path(); }
    [[nodiscard]] SegmentHeader& header() {
        return *reinterpret_cast<SegmentHeader*>(bytes_.data());
    }
    std::vector<char>& bytes() { return bytes_; }
    AttachOptions& options() { return options_; }

    void write() const {
        std::ofstream(path(), std::ios::binary)
            .write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    }
    // From now on as somebody who may not read it.
    void as_nobody() {
        as_nobody_ = ::geteuid() == 0;
        if (!as_nobody_) REQUIRE(::chmod(path().c_str(), 0) == 0);
    }

    [[nodiscard]] AttachStatus attach() {
        write();
        return status_now();
    }
    [[nodiscard]] AttachStatus attach(const AttachOptions& options) {
        options_ = options;
        return attach();
    }
    [[nodiscard]] AttachStatus status_now() {
        const Nobody nobody(as_nobody_);
        const auto reader = CycleReader::attach(name_.str(), cycle_abi(), options_);
        if (reader) return kAttached;
        text_ = reader.error().text;
        return reader.error().status;
    }
    // Of the last refusal.
    [[nodiscard]] const std::string& text() const { return text_; }

    static constexpr auto kAttached = static_cast<AttachStatus>(255);

  private:
    ScratchName name_;
    AttachOptions options_;
    bool as_nobody_ = false;
    std::vector<char> bytes_;
    std::string text_;
};

// One way in which a segment cannot be attached.
struct Row {
    const char* what;
    AttachStatus expected;
    std::function<void(Crafted&)> make;  // from a good segment whose writer is gone
};

template <typename Change>
std::function<void(Crafted&)> header(Change change) {
    return [change](Crafted& files) {
        change(files.header());
        files.write();
    };
}

std::function<void(Crafted&)> length(std::size_t bytes) {
    return [bytes](Crafted& files) {
        files.bytes().resize(bytes);
        files.write();
    };
}

std::function<void(Crafted&)> instead(int (*make)(const char*)) {
    return [make](Crafted& files) {
        REQUIRE(::unlink(files.path().c_str()) == 0);
        REQUIRE(make(files.path().c_str()) == 0);
    };
}

std::vector<Row> bad_files() {
    using enum AttachStatus;
    return {
        {"nothing there", absent, [](Crafted& f) { REQUIRE(::unlink(f.path().c_str()) == 0); }},
        {"0 bytes", not_ready, length(0)},
        {"short", wrong_size, length(kSegmentBytes - 1)},
        {"shorter than a header", wrong_size, length(100)},
        {"long", wrong_size, length(kSegmentBytes + 4096)},
        {"another owner", wrong_owner, [](Crafted& f) { f.options().owners = {::geteuid() + 1}; }},
        {"writable by the group", wrong_mode,
         [](Crafted& f) { REQUIRE(::chmod(f.path().c_str(), 0660) == 0); }},
        {"writable by all", wrong_mode,
         [](Crafted& f) { REQUIRE(::chmod(f.path().c_str(), 0642) == 0); }},
        {"a directory", not_regular, instead([](const char* p) { return ::mkdir(p, 0700); })},
        {"a symbolic link", not_regular,
         instead([](const char* p) { return ::symlink("/etc/passwd", p); })},
        {"a FIFO", not_regular, instead([](const char* p) { return ::mkfifo(p, 0600); })},
        {"no permission", no_permission, [](Crafted& f) { f.as_nobody(); }},
    };
}

std::vector<Row> bad_headers() {
    using enum AttachStatus;
    return {
        {"no magic yet", not_ready, header([](SegmentHeader& h) { h.magic = 0; })},
        {"bad magic", foreign_magic, header([](SegmentHeader& h) { h.magic ^= 1; })},
        {"other byte order", other_endian,
         header([](SegmentHeader& h) { h.endian_marker = 0x04030201; })},
        {"major + 1", other_major, header([](SegmentHeader& h) { ++h.abi_major; })},
        {"other kind", other_kind, header([](SegmentHeader& h) { h.record_kind = 2; })},
        {"no kind", other_kind, header([](SegmentHeader& h) { h.record_kind = 77; })},
        {"other hash", hash_mismatch, header([](SegmentHeader& h) { h.layout_hash ^= 1; })},
        {"other size", wrong_geometry, header([](SegmentHeader& h) { h.segment_size -= 512; })},
        {"other header", wrong_geometry, header([](SegmentHeader& h) { h.header_size = 4096; })},
        {"other slots", wrong_geometry, header([](SegmentHeader& h) { h.slot_size = 256; })},
        {"more slots", wrong_geometry, header([](SegmentHeader& h) { h.slot_count = 1U << 31; })},
        {"retired", retired, header([](SegmentHeader& h) { h.state = 4; })},
        {"dead", dead, [](Crafted&) {}},
        {"of another boot", dead, header([](SegmentHeader& h) { h.boot_id[3] ^= 0x55; })},
    };
}

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
    CHECK(crafted.attach(AttachOptions{}) == Crafted::kAttached);
}

TEST_CASE("everything that cannot be attached is refused under its own name and in its own words") {
    std::vector<Row> rows = bad_files();
    std::ranges::copy(bad_headers(), std::back_inserter(rows));
    std::map<std::string, std::string> by_text;
    for (const Row& row : rows) {
        Crafted crafted("matrix");
        crafted.options().want = Want::live;
        crafted.options().now = SystemClock().steady();
        row.make(crafted);
        const AttachStatus status = crafted.status_now();
        CAPTURE(row.what, name(status), crafted.text());
        CHECK(name(status) == name(row.expected));
        CHECK(crafted.text().find(crafted.path()) != std::string::npos);
        const auto [same, fresh] = by_text.emplace(crafted.text(), row.what);
        CAPTURE(same->second);
        CHECK(fresh);
    }
}

TEST_CASE("a higher minor version attaches and says so") {
    Crafted crafted("minor");
    crafted.header().abi_minor = kAbiMinor + 1;
    REQUIRE(crafted.attach() == Crafted::kAttached);
    CHECK(new_reader(crafted.name())->facts().abi_minor == kAbiMinor + 1);
}

TEST_CASE("another major version is refused with both numbers") {
    Crafted crafted("major");
    crafted.header().abi_major = 9;
    CHECK(crafted.attach() == AttachStatus::other_major);
    CHECK(crafted.text().find("9.0") != std::string::npos);
    CHECK(crafted.text().find("1.x") != std::string::npos);
}

TEST_CASE("an object of a trusted owner attaches") {
    Crafted crafted("owner");
    AttachOptions options;
    options.owners = own_and_root();
    CHECK(crafted.attach(options) == Crafted::kAttached);
    options.owners = {};
    CHECK(crafted.attach(options) == Crafted::kAttached);
}

TEST_CASE("a name that leads elsewhere is refused before anything is opened") {
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
