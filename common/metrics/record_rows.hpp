// Metrics out of the record's field table and the counters' table: each metric is a row that says
// which field it shows, under what name and in what unit.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics/exposition.hpp"
#include "common/metrics/views.hpp"
#include "common/record/fields.hpp"

namespace wanctl::metrics {

// Which names are wanted. Milliseconds and Mbit/s are what people read and what the history's
// columns are called; Prometheus' own rules want seconds and bytes. Both stand for the same field.
enum class Names { all, base };

struct RecordRow {
    std::string_view metric;
    std::string_view type;
    std::string_view field;
    std::string_view labels;   // beside the WAN's
    double scale = 1;          // from the field's unit to the metric's
    std::string_view help;     // of the first row of a metric
    bool base = true;          // false: only among all names
    std::string_view needs{};  // nothing is shown while that field is not known
    std::size_t subject = 0;   // whose WAN's label it gets
};

struct CounterRow {
    std::string_view counter;
    std::string_view metric;
    std::string_view labels{};
    std::string_view help{};   // instead of the counter's own
    bool gauge = false;        // it also falls
    double scale = 1;          // from the counter's unit to the metric's
    std::string_view needs{};  // shown only while that counter is not 0
};

// One ring's worth of figures.
struct RecordSource {
    std::vector<std::string> labels;    // of each subject
    const std::byte* record = nullptr;  // nullptr before the first
    const CounterValue* counter = nullptr;
};

// Rows of a metric stand together. Throws std::logic_error for a field that is not there.
class RecordRows {
  public:
    RecordRows(std::span<const FieldInfo> fields, std::span<const RecordRow> rows);
    void write(Exposition& out, std::span<const RecordSource> sources, Names names) const;

  private:
    struct Resolved {
        const RecordRow* row;
        const FieldInfo* field;
        const FieldInfo* needs;  // nullptr: nothing
    };
    std::vector<Resolved> rows_;
};

// Every counter of the table: by its row, or as wanctl_NAME_total. What the history's writer counts
// has its rows here, for both daemons; without a history it is absent.
void write_counters(Exposition& out, std::span<const CounterInfo> counters,
                    std::span<const CounterRow> rows, std::span<const RecordSource> sources);

}  // namespace wanctl::metrics
