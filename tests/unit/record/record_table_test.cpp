#include "common/record/record_table.hpp"

#include <algorithm>
#include <string>

#include <rapidcheck.h>

#include "common/record/cycle_fields.hpp"
#include "common/record/steering_fields.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;

namespace {

// Reads every element of every field: under a sanitizer nothing may lie outside.
void touch(std::span<const FieldInfo> fields, std::size_t bytes) {
    const std::vector<std::byte> record(bytes);
    for (const FieldInfo& field : fields) {
        for (std::uint32_t i = 0; i < field.count; ++i) {
            if (field.type == FieldType::text) {
                REQUIRE(field_words(field, record.data(), i).empty());
            } else {
                REQUIRE(field_value(field, record.data(), i) == 0);
            }
        }
        REQUIRE((field.role == FieldRole::number || field.role == FieldRole::reserved ||
                 field.names != nullptr));
    }
}

bool refused(const std::string& rows) {
    return !RecordTable::parse("wanctl cycle 1\nmono_ns i64 0 ns\n" + rows);
}

void check_same(const RecordAbi& abi) {
    const auto parsed = RecordTable::parse(abi.description);
    REQUIRE(parsed);
    const RecordTable compiled = RecordTable::of(abi);
    CHECK(parsed->kind() == name(abi.kind));
    CHECK(parsed->hash() == abi.layout_hash);
    CHECK(compiled.hash() == abi.layout_hash);
    for (const auto& [one, other] : {std::pair{parsed->fields(), compiled.fields()},
                                     std::pair{parsed->facts(), compiled.facts()}}) {
        REQUIRE(one.size() == other.size());
        for (std::size_t i = 0; i < one.size(); ++i) {
            CAPTURE(other[i].name);
            CHECK(one[i].name == other[i].name);
            CHECK(one[i].type == other[i].type);
            CHECK(one[i].offset == other[i].offset);
            CHECK(one[i].count == other[i].count);
            CHECK(one[i].width == other[i].width);
            CHECK(one[i].role == other[i].role);
            CHECK(one[i].unknown == other[i].unknown);
            CHECK(one[i].since == other[i].since);
            if (other[i].role == FieldRole::reserved) continue;
            CHECK(one[i].unit == other[i].unit);
            CHECK(one[i].help == other[i].help);
            REQUIRE((one[i].names == nullptr) == (other[i].names == nullptr));
            if (one[i].names == nullptr) continue;
            CHECK(std::ranges::equal(one[i].names->values, other[i].names->values));
        }
    }
    REQUIRE(parsed->counters().size() == compiled.counters().size());
    for (std::size_t i = 0; i < abi.counters.size(); ++i) {
        CHECK(parsed->counters()[i].name == abi.counters[i].name);
        CHECK(parsed->counters()[i].unit == abi.counters[i].unit);
        CHECK(parsed->counters()[i].help == abi.counters[i].help);
    }
}

}  // namespace

TEST_CASE("a self-description parses back into the tables it was made of") {
    check_same(cycle_abi());
    check_same(steering_abi());
}

TEST_CASE("a self-description fits its two places in the header, with room for more") {
    constexpr std::size_t kPlaces = 3072 + 5632;
    CHECK(cycle_abi().description.size() < kPlaces);
    CHECK(steering_abi().description.size() < kPlaces);
}

TEST_CASE("what a self-description may not say is refused") {
    CHECK_FALSE(refused(""));
    CHECK_FALSE(refused("last u8 503 -\n"));
    CHECK_FALSE(refused("all u8*496 8 -\n"));
    for (const char* row : {"f u64 497 -",
                            "f u64 504 -",
                            "f u8*497 8 -",
                            "f u64 4294967295 -",
                            "f u32*1073741824 8 -",
                            "f u32*4294967295 8 -",
                            "f u32*0 8 -",
                            "f u8 -1 -",
                            "f u8 99999999999 -",
                            "f u8 8",
                            "f u8",
                            "f",
                            "f u8 x -",
                            "f text0 8 -",
                            "f text497 8 -",
                            "f text 8 -",
                            "F u8 8 =none",
                            "f u8 8 =none",
                            "f u8 8 &none",
                            "f u8*4 8 ns@none",
                            "f u8 8 n\x1bs",
                            "f! u8 8 -",
                            "f u8 8 - ?x",
                            "f u8 8 - +0",
                            "f u8 8 -\nf u8 9 -",
                            "mono_ns i64 8 ns",
                            "@f u8*1273 0 -",
                            "@f text64*20 0 -",
                            "#",
                            "#UPPER",
                            "=t a\x1b",
                            "=t a\n=t b",
                            "f text8 8 =t\n=t a"}) {
        CAPTURE(row);
        // A row that begins otherwise is left out, not refused.
        if (row[0] == 'F') {
            CHECK_FALSE(refused(row));
        } else {
            CHECK(refused(row));
        }
    }
    CHECK_FALSE(RecordTable::parse(""));
    CHECK_FALSE(RecordTable::parse("wanctl"));
    CHECK_FALSE(RecordTable::parse("wanctl cycle 0\nf u8 0 -\n"));
    CHECK_FALSE(RecordTable::parse("wanctl cycle 1\n"));
    CHECK_FALSE(RecordTable::parse("other cycle 1\nf u8 0 -\n"));
}

TEST_CASE("lines, types and marks of a later version are left out") {
    const auto table = RecordTable::parse(
        "wanctl cycle 3\nmono_ns i64 0 ns\nnew f128*2 8 -\n%what is this\nold u8 40 - !mark +2\n");
    REQUIRE(table);
    CHECK(table->version() == 3);
    CHECK(table->fields().size() == 2);
    CHECK(table->field("new") == nullptr);
    CHECK(table->field("old")->since == 2);
}

TEST_CASE("no control character of a self-description comes through") {
    const auto table = RecordTable::parse("wanctl cycle 1\nf u8 0 -; red \x1b[31m \x80 text\n");
    REQUIRE(table);
    CHECK(table->field("f")->help == "red ?[31m ? text");
}

TEST_CASE("a damaged self-description is refused or stays within its bytes") {
    const std::string good = cycle_abi().description;
    const bool held = rc::check([&good] {
        std::string text = good;
        const int hits = *rc::gen::inRange(1, 12);
        for (int i = 0; i < hits; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
            switch (*rc::gen::inRange(0, 4)) {
                case 0:
                    text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
                    break;
                case 1:
                    text[at] = *rc::gen::element('0', '9', '*', ' ', '\n', '-', ';', '@', '=');
                    break;
                case 2:
                    text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
                    break;
                default:
                    text.insert(at,
                                text.substr(*rc::gen::inRange<std::size_t>(0, text.size()), 30));
            }
            if (text.empty()) return;
        }
        const auto table = RecordTable::parse(text);
        if (!table) return;
        touch(table->fields(), kRecordBytes);
        touch(table->facts(), kFactsBytes);
    });
    CHECK(held);
}
