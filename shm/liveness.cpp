#include "shm/liveness.hpp"

#include <sys/stat.h>

#include "shm/file_lock.hpp"

namespace wanctl::shm {

std::string_view name(SegmentState state) {
    switch (state) {
        case SegmentState::starting:
            return "starting";
        case SegmentState::live:
            return "live";
        case SegmentState::stopping:
            return "stopping";
        case SegmentState::retired:
            return "retired";
    }
    return "invalid";
}

std::string_view name(Liveness liveness) {
    switch (liveness) {
        case Liveness::live:
            return "live";
        case Liveness::hung:
            return "hung";
        case Liveness::stopped:
            return "stopped";
        case Liveness::retired:
            return "retired";
        case Liveness::dead:
            return "dead";
    }
    return "invalid";
}

Liveness liveness_of(const AttachedSegment& segment, SteadyTime now) {
    const SegmentHeader& header = segment.header();
    const auto state = static_cast<SegmentState>(MappedAtomics::load_acquire(header.state));
    if (state == SegmentState::retired) return Liveness::retired;
    if (state == SegmentState::stopping) return Liveness::stopped;
    if (!segment.this_boot) return Liveness::dead;
    if (!first_byte_locked(segment.object.fd())) return Liveness::dead;
    const Nanos beat(MappedAtomics::load_acquire(header.heartbeat_ns));
    const Nanos limit = kHeartbeatsMissed * segment.facts.stale_after;
    // A heartbeat from the future is damage, not life.
    const Nanos since = now.time_since_epoch();
    if (beat < since - limit || beat > since + limit) return Liveness::hung;
    return Liveness::live;
}

Reattach reattach_reason(const AttachedSegment& segment, SteadyTime now) {
    const Liveness liveness = liveness_of(segment, now);
    if (liveness == Liveness::retired) return Reattach::retired;
    struct stat status {};
    if (::fstat(segment.object.fd(), &status) == 0 && status.st_nlink == 0) {
        return Reattach::replaced;
    }
    return liveness == Liveness::live ? Reattach::no : Reattach::stale;
}

}  // namespace wanctl::shm
