// The bytes of a good segment whose writer is gone, to be damaged and put back, or kept as a file.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/unit/shm/scratch.hpp"

namespace wanctl::test {

class Corpse {
  public:
    // `records` published, the last of them now; then the writer dies without a word.
    Corpse(const ScratchName& name, std::uint64_t records) : path_(name.path()) {
        {
            auto writer = new_writer(name);
            for (std::uint64_t n = 0; n < records; ++n) writer->publish(record_of(n));
        }
        std::ifstream file(path_, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }

    [[nodiscard]] shm::SegmentHeader& header() { return frame().header; }
    [[nodiscard]] shm::SegmentFrame& frame() {
        return *reinterpret_cast<shm::SegmentFrame*>(bytes_.data());
    }
    [[nodiscard]] std::uint64_t& sequence(std::size_t slot) {
        return *reinterpret_cast<std::uint64_t*>(bytes_.data() + shm::kHeaderBytes +
                                                 slot * shm::kSlotBytes);
    }
    [[nodiscard]] CycleRecord& record(std::size_t slot) {
        return *reinterpret_cast<CycleRecord*>(bytes_.data() + shm::kHeaderBytes +
                                               slot * shm::kSlotBytes + sizeof(std::uint64_t));
    }
    // The heartbeat no longer protects it from being cleaned.
    void let_rest() { header().heartbeat_ns -= 3'600'000'000'000; }

    void put_back() const { save(path_); }
    void save(const std::string& path) const {
        std::ofstream(path, std::ios::binary)
            .write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    }

  private:
    std::string path_;
    std::vector<char> bytes_;
};

}  // namespace wanctl::test
