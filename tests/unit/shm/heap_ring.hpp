// A ring on the heap with records whose words depend on their number, for tests of the protocol.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "shm/ring.hpp"

namespace wanctl::test {

struct Numbered {
    std::array<std::uint64_t, 6> words{};

    static Numbered of(std::uint64_t number) {
        Numbered record;
        for (std::size_t i = 0; i < record.words.size(); ++i) {
            record.words[i] = number * 1'000'003 + i;
        }
        return record;
    }
    friend bool operator==(const Numbered&, const Numbered&) = default;
};

template <std::size_t Slots, typename Atomics = shm::MappedAtomics>
struct HeapRing {
    using Ring = shm::Ring<Numbered, Slots, Atomics>;

    std::uint64_t head = 0;
    std::uint32_t doorbell = 0;
    std::vector<typename Ring::Slot> slots = std::vector<typename Ring::Slot>(Slots);
    shm::RingWriter<Ring> writer{{&head, &doorbell, slots.data()}};
    shm::RingReader<Ring> reader{{&head, &doorbell, slots.data()}};

    void publish(std::uint64_t count = 1) {
        for (std::uint64_t i = 0; i < count; ++i) {
            writer.store(Numbered::of(writer.published()));
            writer.ring_doorbell();
        }
    }
};

}  // namespace wanctl::test
