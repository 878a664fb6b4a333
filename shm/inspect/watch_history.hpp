// The last minutes of one WAN, kept in bins of a tenth of a second, and handed out as the columns
// of a chart.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/record/cycle_record.hpp"
#include "common/units.hpp"

namespace wanctl::inspect {

// What happened in a stretch of time; the extreme that matters of each, so that a short peak is
// never averaged away.
struct Stretch {
    struct Line {
        std::int64_t wanted_bps = kUnknownRate;    // least
        std::int64_t achieved_bps = kUnknownRate;  // most
        std::uint8_t zone = 0;                     // Zone, worst
    };

    std::uint32_t records = 0;
    std::int32_t rtt_us = kUnknownUs;  // longest
    std::int64_t baseline_ns = 0;      // newest
    std::uint8_t measurement = 0;      // MeasurementState, worst
    std::array<Line, 2> line;          // [Direction]

    void merge(const Stretch& later);
};

// Records come in the order of their time; one of before the newest goes into the bin where it
// belongs. Times are CLOCK_MONOTONIC of one boot: clear() before those of another.
class History {
  public:
    static constexpr Nanos kBin = std::chrono::milliseconds(100);
    static constexpr std::int64_t kBins = 6000;

    void add(const CycleRecord& record);
    void clear();

    // At most `count` columns of equal length, whole bins each, oldest first, that cover `span` up
    // to `end`. Columns begin at the same moments whatever `end` is: a chart moves by whole columns
    // and no peak changes its shape on the way.
    [[nodiscard]] std::vector<Stretch> columns(Nanos end, Nanos span, int count) const;

  private:
    [[nodiscard]] const Stretch* find(std::int64_t bin) const;
    void put(std::int64_t bin, const Stretch& stretch);

    std::vector<Stretch> bins_;  // bin b at b modulo kBins; empty before the first record
    std::int64_t newest_ = -1;   // its bin
};

}  // namespace wanctl::inspect
