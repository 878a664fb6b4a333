// The rows of a history for programs: the same columns in CSV and in JSON. Times are UTC, ms,
// Mbit/s; what is not known is empty, or null.
//
//   time         begin of the slot or bucket
//   granularity  raw (one slot), 1m, 5m, 1h
//   cycles       slots in it
//   seconds      the time they stand for
//   rtt_ms ...   each quantity: its value, of a bucket the average; _min and _max, and where asked
//                and kept _p50, _p95, _p99, only of buckets
//   down_zone    the zone, of a bucket the one that lasted longest; down_green ... the share of the
//                time in each, only of buckets
#pragma once

#include <string>

#include "common/history/choice.hpp"
#include "common/history/reader.hpp"
#include "shm/inspect/render.hpp"

namespace wanctl::inspect {

struct Columns {
    const history::Layout* layout = nullptr;
    history::Choice choice;
    bool percentiles = false;

    [[nodiscard]] std::string csv_header() const;
    // One line, without its end, behind what is there.
    void append_csv(std::string& out, const history::Bucket& bucket) const;
    // One object. In raw rows the columns of buckets are left out.
    void write_json(JsonWriter& json, const history::Bucket& bucket) const;
};

// Means and shares to seven digits; what is a whole number of microseconds or bit/s in full.
[[nodiscard]] std::string number_text(double value);
// As the records and rings call it: GREEN, SOFT_RED, DEGRADED.
[[nodiscard]] std::string zone_word(const history::Axis& axis, std::size_t zone);
// The zone of a transition, by the layout's first axis; its number when it is not known here.
[[nodiscard]] std::string transition_zone(const history::Layout& layout, std::int64_t zone);
// "download", "upload"; "-" where the history has no directions.
[[nodiscard]] std::string direction_word(const history::Layout& layout, std::int64_t direction);

}  // namespace wanctl::inspect
