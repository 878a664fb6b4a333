// Names of segments that no other test run uses and that leave nothing behind.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/record/cycle_fields.hpp"
#include "shm/directory.hpp"
#include "shm/segment_reader.hpp"
#include "shm/segment_writer.hpp"

namespace wanctl::test {

class ScratchName {
  public:
    explicit ScratchName(std::string_view what) : name_(fmt::format("t{}-{}", ::getpid(), what)) {
        remove();
    }
    ScratchName(const ScratchName&) = delete;
    ScratchName& operator=(const ScratchName&) = delete;
    ~ScratchName() { remove(); }

    [[nodiscard]] const std::string& str() const { return name_; }
    [[nodiscard]] std::string path() const { return shm::object_path(name_); }

  private:
    void remove() const {
        const std::string unfinished =
            fmt::format("{}/{}", shm::kDirectory, shm::unfinished_object_name(name_));
        for (const std::string& file : {path(), unfinished, shm::lock_path(name_)}) {
            static_cast<void>(std::remove(file.c_str()));
        }
    }

    std::string name_;
};

using CycleWriter = shm::SegmentWriter<CycleRecord>;
using CycleReader = shm::SegmentReader<CycleRecord>;

inline shm::WriterOptions options_for(const ScratchName& name) {
    shm::WriterOptions options;
    options.name = name.str();
    options.version = "0.1.0-test";
    options.tick_period = std::chrono::milliseconds(50);
    options.stale_after = std::chrono::seconds(10);
    return options;
}

inline Result<CycleWriter> new_writer(const ScratchName& name) {
    return CycleWriter::create(options_for(name), cycle_abi(), SystemClock());
}

inline tl::expected<CycleReader, shm::AttachFailure> new_reader(const ScratchName& name) {
    return CycleReader::attach(name.str(), cycle_abi(), {});
}

// A believable record of now.
inline CycleRecord record_of(std::uint64_t slot) {
    const SystemClock clock;
    CycleRecord record;
    record.mono_ns = clock.steady().time_since_epoch().count();
    record.real_ns = clock.wall().time_since_epoch().count();
    record.slot = slot;
    record.interval_ns = 50'000'000;
    record.measurement = 1;
    record.fresh = 1;
    record.rtt_us = 21'500;
    return record;
}

}  // namespace wanctl::test
