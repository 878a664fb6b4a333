// What one frame of the live view shows, as plain data, and what the keys change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/cycle_facts.hpp"
#include "common/record/cycle_record.hpp"
#include "common/record/record_abi.hpp"
#include "common/record/record_table.hpp"
#include "common/record/steering_record.hpp"
#include "common/units.hpp"
#include "shm/inspect/watch_history.hpp"
#include "shm/liveness.hpp"

namespace wanctl::inspect {

// What the live view tells of a segment's writer; does not depend on the kind of record.
struct WatchedWriter {
    shm::Liveness liveness = shm::Liveness::dead;
    bool this_boot = true;  // its ages mean something
    std::int32_t pid = 0;
    bool pid_alive = false;
    std::string version;
    Nanos started{};  // CLOCK_REALTIME
    Nanos stale_after{};
    Nanos heartbeat_age{};
    std::uint64_t published = 0;
    std::optional<double> rate;  // records a second, lately
    std::uint64_t lost = 0;      // records that this view did not see
    std::uint64_t restarts = 0;  // since this view began
    bool name_gone = false;      // somebody removed it from the directory under a living writer
};

struct WatchedCycle {
    std::optional<CycleRecord> newest;
    std::optional<CycleRecord> last_write;  // the newest record in which a write ended
    History<CycleStretch> history;
    std::optional<CycleFacts> facts;  // nothing when its writer tells none
};

struct WatchedSteering {
    std::optional<SteeringRecord> newest;
    History<SteeringStretch> history;
};

struct WatchedSegment {
    std::string name;
    std::string trouble;            // why it cannot be read; empty = the rest is meaningful
    std::string successor_trouble;  // it is retired, and this is why its successor cannot be read
    RecordKind kind = RecordKind::cycle;
    // By which its records are read and whose words the panels say; nothing = this program's own.
    std::optional<RecordTable> table;
    std::string note;  // why that is the segment's description; empty = it is not
    // Fields of the newest record that have no place in a panel, as words: what a newer version has
    // added, or all when only the description tells what the records mean.
    std::vector<std::string> fields;
    WatchedWriter writer;
    std::string fault;  // of the newest record, which then is not shown; empty = believable
    Nanos age{};        // of the newest record
    Nanos chart_end{};  // CLOCK_MONOTONIC: now while it lives, else its last record
    std::vector<std::uint64_t> counters;  // in the order of the table
    WatchedCycle cycle;                   // of kind cycle
    WatchedSteering steering;             // of kind steering
};

struct WatchModel {
    std::vector<WatchedSegment> segments;  // by name, steering last
    std::string trouble;                   // of the directory itself
    Nanos wall{};                          // CLOCK_REALTIME of the look
};

// What the operator chose. Survives the coming and going of segments.
struct WatchChoice {
    std::string selected;  // a segment's name; another one is shown while it is away
    std::size_t span = 1;  // in kWatchSpans
    bool paused = false;
    bool help = false;
    bool single = false;  // one panel even where several fit
};

inline constexpr Nanos kWatchSpans[] = {std::chrono::seconds(30), std::chrono::minutes(1),
                                        std::chrono::minutes(3), std::chrono::minutes(10)};

enum class WatchKey : std::uint8_t {
    none,
    quit,
    next,
    previous,
    pause,
    longer,
    shorter,
    help,
    single,
    number,  // of a segment
};

// `number` counts from 1; it means something with WatchKey::number only. Quit and none change
// nothing.
void apply_key(WatchChoice& choice, WatchKey key, int number, const WatchModel& model);

// The place of the selected segment, the first when it is away; 0 for an empty model.
[[nodiscard]] std::size_t selected_index(const WatchModel& model, const WatchChoice& choice);

}  // namespace wanctl::inspect
