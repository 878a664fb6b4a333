// What is wrong with a segment or its writer, in words.
#include <algorithm>

#include <fmt/format.h>

#include "shm/inspect/render.hpp"
#include "shm/inspect/watch_chart.hpp"
#include "shm/inspect/watch_panel.hpp"

namespace wanctl::inspect {
namespace {

bool is_late(const WatchedSegment& segment) {
    return segment.writer.published > 0 && segment.age > segment.writer.stale_after;
}

std::string since_last(const WatchedSegment& segment) {
    if (segment.writer.published == 0) return "it never published a record";
    if (!segment.writer.this_boot) return "it ran before the last boot";
    return fmt::format("last record {} ago", age_text(segment.age));
}

std::string about_writer(const WatchedSegment& segment) {
    const WatchedWriter& writer = segment.writer;
    switch (writer.liveness) {
        case shm::Liveness::live:
            break;
        case shm::Liveness::hung:
            return fmt::format("WRITER HANGS: pid {} holds its lock, but has not turned for {}; {}",
                               writer.pid, age_text(writer.heartbeat_age), since_last(segment));
        case shm::Liveness::stopped:
            return fmt::format("WRITER STOPPED in order; {}; waiting for a new one",
                               since_last(segment));
        case shm::Liveness::retired:
            return segment.successor_trouble.empty()
                       ? std::string("RETIRED: moving to the successor")
                       : fmt::format("RETIRED: its successor cannot be read: {}",
                                     segment.successor_trouble);
        case shm::Liveness::dead:
            return fmt::format("WRITER IS DEAD: pid {} {}; {}; waiting for a new one", writer.pid,
                               writer.pid_alive ? "lives, but let go of it" : "is gone",
                               since_last(segment));
    }
    if (is_late(segment)) {
        return fmt::format("NO NEW RECORD for {}, promised every {}", age_text(segment.age),
                           duration_text(writer.stale_after));
    }
    if (writer.published == 0) return "no record yet";
    return writer.name_gone ? "its name was removed from shared memory under it" : "";
}

}  // namespace

std::string age_text(Nanos age) {
    if (age >= std::chrono::seconds(1)) return duration_text(age);
    return fmt::format("{} ms", std::max<std::int64_t>(age / std::chrono::milliseconds(1), 0));
}

std::string health_word(const WatchedSegment& segment) {
    if (!segment.trouble.empty()) return "UNREADABLE";
    if (!segment.fault.empty()) return "DAMAGED";
    switch (segment.writer.liveness) {
        case shm::Liveness::live:
            return is_late(segment) ? "STALE" : "live";
        case shm::Liveness::hung:
            return "HUNG";
        case shm::Liveness::stopped:
            return "STOPPED";
        case shm::Liveness::retired:
            return "RETIRED";
        case shm::Liveness::dead:
            return "DEAD";
    }
    return "?";
}

Style health_style(const WatchedSegment& segment) {
    return health_word(segment) == "live" ? Style{Hue::green} : kAlarm;
}

std::string health_text(const WatchedSegment& segment) {
    if (!segment.trouble.empty()) return segment.trouble;
    if (!segment.fault.empty()) return "NOT BELIEVABLE, newest record: " + segment.fault;
    std::string text = about_writer(segment);
    if (!segment.successor_trouble.empty() && segment.writer.liveness != shm::Liveness::retired) {
        text += "; what has its name now cannot be read: " + segment.successor_trouble;
    }
    return text;
}

}  // namespace wanctl::inspect
