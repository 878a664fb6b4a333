#include "shm/inspect/watch_history.hpp"

namespace wanctl::inspect {
namespace {

// "None" only says that nothing arrived in one slot, which is no trouble.
int trouble(std::uint8_t measurement) {
    return measurement <= 1 ? 0 : measurement;
}

}  // namespace

CycleStretch stretch_of(const CycleRecord& record) {
    CycleStretch stretch;
    stretch.records = 1;
    if (record.fresh != 0) stretch.rtt_us = record.rtt_us;
    stretch.measurement = record.measurement;
    for (std::size_t i = 0; i < 2; ++i) {
        const DirectionRecord& from = record.direction[i];
        stretch.line[i] = {from.wanted_bps, from.achieved_bps, from.zone};
    }
    return stretch;
}

void CycleStretch::merge(const CycleStretch& later) {
    records += later.records;
    rtt_us = std::max(rtt_us, later.rtt_us);
    if (trouble(later.measurement) >= trouble(measurement)) measurement = later.measurement;
    for (std::size_t i = 0; i < line.size(); ++i) {
        line[i].wanted_bps = std::min(line[i].wanted_bps, later.line[i].wanted_bps);
        line[i].achieved_bps = std::max(line[i].achieved_bps, later.line[i].achieved_bps);
        line[i].zone = std::max(line[i].zone, later.line[i].zone);
    }
}

SteeringStretch stretch_of(const SteeringRecord& record) {
    return {1, record.score, record.state};
}

void SteeringStretch::merge(const SteeringStretch& later) {
    records += later.records;
    score = std::max(score, later.score);
    state = std::max(state, later.state);
}

}  // namespace wanctl::inspect
