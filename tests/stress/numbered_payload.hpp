// Records for tearing tests: as large as a real one, every word another function of the record's
// number and of who wrote it.
#pragma once

#include <cstdint>
#include <cstring>

#include "common/record/record_abi.hpp"
#include "shm/segment_reader.hpp"
#include "shm/segment_writer.hpp"

namespace wanctl::test {

struct NumberedPayload {
    std::uint64_t words[kRecordBytes / sizeof(std::uint64_t)];

    void fill(std::uint64_t number, std::uint64_t writer = 0) {
        std::uint64_t value = (number + 1) * 0x9E37'79B9'7F4A'7C15ULL + writer;
        for (std::uint64_t& word : words) word = value += 0xD6E8'FEB8'6659'FD93ULL * (number | 1U);
        words[0] = number;
    }
    [[nodiscard]] bool whole(std::uint64_t number, std::uint64_t writer = 0) const {
        NumberedPayload expected;
        expected.fill(number, writer);
        return std::memcmp(this, &expected, sizeof expected) == 0;
    }
};

using PayloadReader = shm::SegmentReader<NumberedPayload>;

// Fields of no real record, so that no program takes such a segment for its own.
[[nodiscard]] inline RecordAbi payload_abi() {
    RecordAbi abi;
    abi.layout_hash = 0x7E57;
    return abi;
}

}  // namespace wanctl::test
