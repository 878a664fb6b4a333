// What the stages of the line share: bytes of the fluid bulk flows, and single packets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/units.hpp"

namespace wanctl::sim {

// Bulk flows in one direction; a line refuses more.
inline constexpr std::size_t kMaxFlows = 8;
// A full packet of a bulk flow on the wire, Ethernet header included.
inline constexpr double kWireBytes = 1514.0;

// Bytes of each bulk flow within one stretch of time.
struct BulkBytes {
    std::array<double, kMaxFlows> of{};
};

// One packet within a stage: the model's own view, without contents.
struct LinePacket {
    std::uint64_t tag = 0;   // the caller's name for it
    std::uint64_t flow = 0;  // packets of one flow share a queue in the leaf
    double bytes = 0;
    Nanos at{0};  // when it entered the stage, since the model's start
};

// What leaves a stage in one step, and what it loses; `at` of a packet that left is the time its
// last bit did.
struct StageOutput {
    BulkBytes bulk;
    BulkBytes dropped;
    bool any_dropped = false;
    std::vector<LinePacket> packets;
    std::vector<LinePacket> dropped_packets;

    void clear() {
        bulk = {};
        if (any_dropped) dropped = {};
        any_dropped = false;
        packets.clear();
        dropped_packets.clear();
    }
};

// How many of the bulk flows have ever been used: the others cost no time.
struct Width {
    std::size_t flows = 0;
};

inline constexpr double bytes_per_ns(Rate rate) {
    return static_cast<double>(rate.bps) / 8e9;
}

}  // namespace wanctl::sim
