// What `list` and `show` both tell of an attached segment.
#pragma once

#include <optional>
#include <string>

#include "common/clock.hpp"
#include "common/record/cycle_record.hpp"
#include "shm/inspect/render.hpp"
#include "shm/segment_reader.hpp"

namespace wanctl::inspect {

using CycleReader = shm::SegmentReader<CycleRecord>;

struct SegmentView {
    std::string name;
    shm::Liveness liveness = shm::Liveness::dead;
    shm::SegmentState state = shm::SegmentState::starting;
    bool pid_alive = false;
    uid_t owner = 0;
    Nanos heartbeat_age{};
    std::uint64_t head = 0;
    shm::ReadStatus read = shm::ReadStatus::empty;
    // Meaningful when `read` is ok.
    CycleRecord newest{};
    std::uint64_t newest_number = 0;
    Nanos newest_age{};
    std::string fault;  // of the newest record; empty = believable
    // Records a second over the last of them; nothing with fewer than two.
    std::optional<double> rate;
};

[[nodiscard]] SegmentView look_at(const std::string& name, const CycleReader& reader,
                                  const Clock& clock);

// The part both JSON forms share: members of the object that is open.
void write_view(JsonWriter& json, const SegmentView& view, const shm::SegmentFacts& facts);

// Any owner is looked at: the tool is for finding out, and says whose segment it is.
[[nodiscard]] tl::expected<CycleReader, shm::AttachFailure> attach_any(const std::string& name);

// Reports on stderr why a segment cannot be read; the exit code that says the same.
int report(const shm::AttachFailure& failure);

}  // namespace wanctl::inspect
