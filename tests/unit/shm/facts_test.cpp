// The slow facts: two copies, the ring's protocol, and texts that no damage makes longer than their
// place.
#include <cstring>

#include "common/record/cycle_facts.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

CycleFacts facts_numbered(std::int64_t number) {
    CycleFacts facts;
    facts.real_ns = number;
    facts.ceiling_bps[0] = 3 * number;
    facts.baseline_max_ns = 7 * number;
    put_fact(facts.queue[1], "WAN-Upload-" + std::to_string(number));
    put_fact(facts.reflector[15], "9.9.9." + std::to_string(number));
    return facts;
}

bool same(const CycleFacts& one, const CycleFacts& other) {
    return std::memcmp(&one, &other, sizeof one) == 0;
}

}  // namespace

TEST_CASE("slow facts are empty before the first, then the newest") {
    const ScratchName name("facts");
    auto writer = new_writer(name);
    const auto reader = new_reader(name);
    REQUIRE((writer && reader));
    CycleFacts facts;
    CHECK(reader->read_facts(facts) == ReadStatus::empty);
    for (std::int64_t number = 1; number <= 5; ++number) {
        writer->publish_facts(facts_numbered(number));
        REQUIRE(reader->read_facts(facts) == ReadStatus::ok);
        CHECK(same(facts, facts_numbered(number)));
    }
    CHECK(fact_text(facts.queue[1]) == "WAN-Upload-5");
    CHECK(fact_text(facts.reflector[0]).empty());
}

TEST_CASE("a writer that stops inside a copy leaves the other one to be read") {
    const ScratchName name("halfway");
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish_facts(facts_numbered(1));
    writer->publish_facts(facts_numbered(2));
    auto object = SharedObject::open(object_name(name.str()), Access::read_write);
    REQUIRE(object);
    auto& frame = *reinterpret_cast<SegmentFrame*>(*object->map(kSegmentBytes));
    // As the third begins: its copy is the first one's.
    frame.facts[0].sequence = FactsRing<CycleFacts>::writing(2);
    std::memset(frame.facts[0].payload, 0x5a, 100);
    const auto reader = new_reader(name);
    CycleFacts facts;
    REQUIRE(reader->read_facts(facts) == ReadStatus::ok);
    CHECK(same(facts, facts_numbered(2)));
}

TEST_CASE("a damaged latch ends in an answer, not in a loop") {
    const ScratchName name("latch");
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish_facts(facts_numbered(1));
    auto object = SharedObject::open(object_name(name.str()), Access::read_write);
    auto& frame = *reinterpret_cast<SegmentFrame*>(*object->map(kSegmentBytes));
    frame.header.facts_head = 0xFFFF'FFFF'FFFF'FFF1ULL;
    const auto reader = new_reader(name);
    CycleFacts facts;
    CHECK(reader->read_facts(facts) == ReadStatus::contended);
}

TEST_CASE("a fact's text stays within its place") {
    CycleFacts facts;
    const std::string longer(sizeof facts.reflector[3] + 5, 'a');
    put_fact(facts.reflector[3], longer);
    CHECK(fact_text(facts.reflector[3]) == longer.substr(0, sizeof facts.reflector[3] - 1));
    std::memset(facts.router, 'r', sizeof facts.router);
    CHECK(fact_text(facts.router).size() == sizeof facts.router);
    put_fact(facts.router, "https://r");
    CHECK(fact_text(facts.router) == "https://r");
}

TEST_CASE("the self-description goes on where its first place ends") {
    const ScratchName name("more");
    auto writer = new_writer(name);
    const auto reader = new_reader(name);
    REQUIRE((writer && reader));
    const std::string all = cycle_abi().description;
    REQUIRE(all.size() > kDescriptionBytes);
    CHECK(reader->facts().description == all);
    CHECK(all.find("@queue text64*2") != std::string::npos);
    CHECK(all.find("#late_slots; slots opened") != std::string::npos);
}
