// What `list` and `show` both tell of a segment: one look at its writer and its newest record.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/segment_source.hpp"

namespace wanctl::inspect {

struct SegmentView {
    std::optional<shm::Liveness> liveness;  // nothing for a copy
    shm::SegmentState state = shm::SegmentState::starting;
    bool pid_alive = false;
    std::optional<uid_t> owner;          // nothing for a copy
    std::optional<Nanos> heartbeat_age;  // nothing when it is of another boot
    std::uint64_t head = 0;
    shm::ReadStatus read = shm::ReadStatus::empty;
    // Meaningful when `read` is ok.
    shm::RawRecord newest{};
    std::uint64_t newest_number = 0;
    std::optional<Nanos> newest_age;  // nothing when it is of another boot
    std::string fault;                // of the newest record; empty = believable
    // Records a second over the last of them; nothing with fewer than two.
    std::optional<double> rate;

    // "live", "dead" ...; "copy" for a file.
    [[nodiscard]] std::string_view liveness_text() const;
};

[[nodiscard]] SegmentView look_at(const SegmentSource& source, const Clock& clock);

// The part both JSON forms share: members of the object that is open.
void write_view(JsonWriter& json, const SegmentView& view, const SegmentSource& source);

}  // namespace wanctl::inspect
