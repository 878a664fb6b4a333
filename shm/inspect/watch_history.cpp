#include "shm/inspect/watch_history.hpp"

#include <algorithm>

namespace wanctl::inspect {
namespace {

// A WAN measured less often than a bin is long leaves no holes: its record stands for the time
// since the one before, up to this many of its intervals.
constexpr std::int64_t kIntervalsCovered = 3;

std::int64_t bin_of(std::int64_t mono_ns) {
    return mono_ns / History::kBin.count();
}

Stretch stretch_of(const CycleRecord& record) {
    Stretch stretch;
    stretch.records = 1;
    if (record.fresh != 0) stretch.rtt_us = record.rtt_us;
    stretch.baseline_ns = record.baseline_ns;
    stretch.measurement = record.measurement;
    for (std::size_t i = 0; i < 2; ++i) {
        const DirectionRecord& from = record.direction[i];
        stretch.line[i] = {from.wanted_bps, from.achieved_bps, from.zone};
    }
    return stretch;
}

// "None" only says that nothing arrived in one slot, which is no trouble.
int trouble(std::uint8_t measurement) {
    return measurement <= 1 ? 0 : measurement;
}

}  // namespace

void Stretch::merge(const Stretch& later) {
    if (records == 0) {
        *this = later;
        return;
    }
    records += later.records;
    rtt_us = std::max(rtt_us, later.rtt_us);
    baseline_ns = later.baseline_ns;
    if (trouble(later.measurement) >= trouble(measurement)) measurement = later.measurement;
    for (std::size_t i = 0; i < line.size(); ++i) {
        line[i].wanted_bps = std::min(line[i].wanted_bps, later.line[i].wanted_bps);
        line[i].achieved_bps = std::max(line[i].achieved_bps, later.line[i].achieved_bps);
        line[i].zone = std::max(line[i].zone, later.line[i].zone);
    }
}

void History::clear() {
    bins_.clear();
    newest_ = -1;
}

const Stretch* History::find(std::int64_t bin) const {
    if (bins_.empty() || bin > newest_ || bin <= newest_ - kBins || bin < 0) return nullptr;
    return &bins_[static_cast<std::size_t>(bin % kBins)];
}

void History::put(std::int64_t bin, const Stretch& stretch) {
    for (std::int64_t fresh = std::max(newest_ + 1, bin - kBins + 1); fresh <= bin; ++fresh) {
        bins_[static_cast<std::size_t>(fresh % kBins)] = Stretch{};
    }
    newest_ = std::max(newest_, bin);
    if (find(bin) != nullptr) bins_[static_cast<std::size_t>(bin % kBins)].merge(stretch);
}

void History::add(const CycleRecord& record) {
    const std::int64_t bin = bin_of(record.mono_ns);
    if (bin < 0) return;
    const bool first = bins_.empty();
    if (first) bins_.resize(static_cast<std::size_t>(kBins));
    const Stretch stretch = stretch_of(record);
    const std::int64_t covers = kIntervalsCovered * record.interval_ns / kBin.count();
    if (!first && bin > newest_ && bin - newest_ <= covers) {
        for (std::int64_t skipped = newest_ + 1; skipped < bin; ++skipped) put(skipped, stretch);
    }
    put(bin, stretch);
}

std::vector<Stretch> History::columns(Nanos end, Nanos span, int count) const {
    const std::int64_t bins = std::clamp<std::int64_t>(span / kBin, 1, kBins);
    const std::int64_t wide = (bins + std::max(count, 1) - 1) / std::max(count, 1);
    const std::int64_t shown = std::max<std::int64_t>((bins + wide - 1) / wide, 1);
    const std::int64_t last = std::max<std::int64_t>(bin_of(end.count()), 0) / wide;
    std::vector<Stretch> columns(static_cast<std::size_t>(shown));
    for (std::int64_t i = 0; i < shown; ++i) {
        Stretch& column = columns[static_cast<std::size_t>(i)];
        const std::int64_t first = (last - shown + 1 + i) * wide;
        for (std::int64_t bin = first; bin < first + wide; ++bin) {
            const Stretch* found = find(bin);
            if (found != nullptr && found->records > 0) column.merge(*found);
        }
    }
    return columns;
}

}  // namespace wanctl::inspect
