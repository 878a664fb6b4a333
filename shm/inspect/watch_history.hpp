// The last minutes of one segment, kept in bins of a tenth of a second, and handed out as the
// columns of a chart.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "common/record/cycle_record.hpp"
#include "common/record/steering_record.hpp"
#include "common/units.hpp"

namespace wanctl::inspect {

// What happened to a WAN in a stretch of time; the extreme that matters of each, so that a short
// peak is never averaged away.
struct CycleStretch {
    struct Line {
        std::int64_t wanted_bps = kUnknownRate;    // least
        std::int64_t achieved_bps = kUnknownRate;  // most
        std::uint8_t zone = 0;                     // Zone, worst
    };

    std::uint32_t records = 0;
    std::int32_t rtt_us = kUnknownUs;  // longest
    std::uint8_t measurement = 0;      // MeasurementState, worst
    std::array<Line, 2> line;          // [Direction]

    void merge(const CycleStretch& later);
};
[[nodiscard]] CycleStretch stretch_of(const CycleRecord& record);

// The same of steering.
struct SteeringStretch {
    std::uint32_t records = 0;
    std::int32_t score = kUnknownScore;  // highest
    std::uint8_t state = 0;              // SteeringState, worst

    void merge(const SteeringStretch& later);
};
[[nodiscard]] SteeringStretch stretch_of(const SteeringRecord& record);

// Records come in the order of their time; one of before the newest goes into the bin where it
// belongs. Times are CLOCK_MONOTONIC of one boot: clear() before those of another.
template <typename Stretch>
class History {
  public:
    static constexpr Nanos kBin = std::chrono::milliseconds(100);
    static constexpr std::int64_t kBins = 6000;

    // `interval` is the time records usually have between them: a WAN measured less often than a
    // bin is long leaves no holes, its record stands for the time since the one before.
    void add(Nanos mono, Nanos interval, const Stretch& stretch) {
        const std::int64_t bin = mono / kBin;
        if (bin < 0) return;
        const bool first = bins_.empty();
        if (first) bins_.resize(static_cast<std::size_t>(kBins));
        const std::int64_t covers = kIntervalsCovered * interval / kBin;
        if (!first && bin > newest_ && bin - newest_ <= covers) {
            for (std::int64_t skipped = newest_ + 1; skipped < bin; ++skipped) {
                put(skipped, stretch);
            }
        }
        put(bin, stretch);
    }
    void clear() {
        bins_.clear();
        newest_ = -1;
    }

    // At most `count` columns of equal length, whole bins each, oldest first, that cover `span` up
    // to `end`. Columns begin at the same moments whatever `end` is: a chart moves by whole columns
    // and no peak changes its shape on the way.
    [[nodiscard]] std::vector<Stretch> columns(Nanos end, Nanos span, int count) const {
        const std::int64_t most = std::max(count, 1);
        const std::int64_t bins = std::clamp<std::int64_t>(span / kBin, 1, kBins);
        const std::int64_t wide = (bins + most - 1) / most;
        const std::int64_t shown = (bins + wide - 1) / wide;
        const std::int64_t last = std::max<std::int64_t>(end / kBin, 0) / wide;
        std::vector<Stretch> columns(static_cast<std::size_t>(shown));
        for (std::int64_t i = 0; i < shown; ++i) {
            const std::int64_t first = (last - shown + 1 + i) * wide;
            for (std::int64_t bin = first; bin < first + wide; ++bin) {
                if (const Stretch* found = find(bin)) {
                    add_to(columns[static_cast<std::size_t>(i)], *found);
                }
            }
        }
        return columns;
    }

  private:
    static constexpr std::int64_t kIntervalsCovered = 3;

    static void add_to(Stretch& sum, const Stretch& later) {
        if (later.records == 0) return;
        if (sum.records == 0) {
            sum = later;
        } else {
            sum.merge(later);
        }
    }
    [[nodiscard]] const Stretch* find(std::int64_t bin) const {
        if (bins_.empty() || bin > newest_ || bin <= newest_ - kBins || bin < 0) return nullptr;
        return &bins_[static_cast<std::size_t>(bin % kBins)];
    }
    void put(std::int64_t bin, const Stretch& stretch) {
        for (auto fresh = std::max(newest_ + 1, bin - kBins + 1); fresh <= bin; ++fresh) {
            bins_[static_cast<std::size_t>(fresh % kBins)] = Stretch{};
        }
        newest_ = std::max(newest_, bin);
        if (find(bin) != nullptr) add_to(bins_[static_cast<std::size_t>(bin % kBins)], stretch);
    }

    std::vector<Stretch> bins_;  // bin b at b modulo kBins; empty before the first record
    std::int64_t newest_ = -1;   // its bin
};

}  // namespace wanctl::inspect
