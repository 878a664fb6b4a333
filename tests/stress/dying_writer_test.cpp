// A writer that dies inside publish(), at every single store of it: what readers find then.
#include <csignal>
#include <cstdint>
#include <optional>

#include "shm/liveness.hpp"
#include "tests/stress/numbered_payload.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

// Kills the process right before the n-th store from now.
struct DyingAtomics : MappedAtomics {
    inline static int left = 0;

    template <typename Word>
    static void store_relaxed(Word& word, Word value) {
        die_in_time();
        MappedAtomics::store_relaxed(word, value);
    }
    template <typename Word>
    static void store_release(Word& word, Word value) {
        die_in_time();
        MappedAtomics::store_release(word, value);
    }

  private:
    static void die_in_time() {
        if (left > 0 && --left == 0) std::raise(SIGKILL);
    }
};

using DyingWriter = SegmentWriter<NumberedPayload, DyingAtomics>;

// The stores of publish(), counted from 1: the odd sequence, the payload, the even sequence, the
// head, the doorbell.
constexpr int kWords = static_cast<int>(kRecordBytes / sizeof(std::uint64_t));
constexpr int kOdd = 1;
constexpr int kEven = kOdd + kWords + 1;
constexpr int kHead = kEven + 1;
constexpr int kBell = kHead + 1;

// A segment whose writer completed so many records and died in the next one, before that store.
PayloadReader corpse(const ScratchName& name, std::uint64_t completed, int store) {
    Child child([&] {
        auto writer = DyingWriter::create(options_for(name), payload_abi(), SystemClock());
        if (!writer) return 2;
        NumberedPayload payload;
        for (std::uint64_t n = 0; n < completed; ++n) {
            payload.fill(n);
            writer->publish_quietly(payload);
        }
        payload.fill(completed);
        DyingAtomics::left = store;
        writer->publish_quietly(payload);
        return 1;
    });
    REQUIRE(child.wait() == -SIGKILL);
    auto reader = PayloadReader::attach(name.str(), payload_abi(), {});
    REQUIRE(reader);
    return std::move(*reader);
}

// Of the records still in the ring, how many read whole; -1 when one is torn.
int whole_records(const PayloadReader& reader) {
    NumberedPayload payload;
    int whole = 0;
    const std::uint64_t head = reader.head();
    for (std::uint64_t n = head > kSlots ? head - kSlots : 0; n < head; ++n) {
        if (reader.read(n, payload) != ReadStatus::ok) continue;
        if (!payload.whole(n)) return -1;
        ++whole;
    }
    return whole;
}

void check_corpse(const PayloadReader& reader, std::uint64_t completed, int store) {
    NumberedPayload payload;
    std::uint64_t number = 0;
    // Only the head announces a record.
    CHECK(reader.head() == (store <= kHead ? completed : completed + 1));
    CHECK(reader.doorbell() == completed);
    REQUIRE(reader.read_newest(payload, number) == ReadStatus::ok);
    CHECK(number == reader.head() - 1);
    CHECK(payload.whole(number));
    // By number a record is there as soon as its slot is complete, and never before.
    const ReadStatus last = reader.read(completed, payload);
    CHECK(last == (store <= kEven ? ReadStatus::not_yet : ReadStatus::ok));
    if (last == ReadStatus::ok) CHECK(payload.whole(completed));

    const bool turned = completed >= kSlots;
    if (turned) {
        // The slot's former record is gone with the first store, and is whole until then.
        const ReadStatus former = reader.read(completed - kSlots, payload);
        CHECK(former == (store == kOdd ? ReadStatus::ok : ReadStatus::overrun));
        const bool one_missing = store > kOdd && store <= kHead;
        CHECK(whole_records(reader) == static_cast<int>(kSlots) - (one_missing ? 1 : 0));
    } else {
        CHECK(whole_records(reader) == static_cast<int>(reader.head()));
    }
    CHECK(reader.liveness(SystemClock().steady()) == Liveness::dead);
}

void check_successor(const ScratchName& name, const PayloadReader& reader) {
    const auto successor = DyingWriter::create(options_for(name), payload_abi(), SystemClock());
    REQUIRE(successor);
    CHECK(reader.reattach_reason(SystemClock().steady()) == Reattach::retired);
    const auto fresh = PayloadReader::attach(name.str(), payload_abi(), {});
    REQUIRE(fresh);
    CHECK(fresh->facts().epoch_ns != reader.facts().epoch_ns);
    CHECK(fresh->head() == 0);
}

}  // namespace

TEST_CASE("a writer killed at any store of publish leaves whole records and a free name") {
    const ScratchName name("dying");
    for (const std::uint64_t completed : {std::uint64_t{5}, std::uint64_t{kSlots} + 5}) {
        for (int store = kOdd; store <= kBell; ++store) {
            CAPTURE(completed, store);
            const PayloadReader reader = corpse(name, completed, store);
            check_corpse(reader, completed, store);
            check_successor(name, reader);
        }
    }
}

TEST_CASE("publish makes exactly the stores at which the writer is killed") {
    const ScratchName name("stores");
    Child child([&] {
        auto writer = DyingWriter::create(options_for(name), payload_abi(), SystemClock());
        if (!writer) return 2;
        DyingAtomics::left = 10 * kBell;
        for (int n = 0; n < 5; ++n) writer->publish_quietly(NumberedPayload{});
        return DyingAtomics::left == 5 * kBell ? 0 : 1;
    });
    CHECK(child.wait() == 0);
}
