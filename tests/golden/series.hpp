// Recorded outcomes of the reference law, read from tests/golden/series/*.csv.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/config/autorate_config.hpp"

namespace wanctl::golden {

struct Row {
    double rtt_ms = 0;
    double load_ms = 0;
    double baseline_ms = 0;
    std::array<Zone, 2> zone{};
    std::array<std::int64_t, 2> rate_bps{};
};

struct Series {
    AutorateConfig config;  // compat "v1.9", 50 ms
    std::vector<Row> rows;
};

// Throws std::runtime_error on a file that is not such a series.
Series load_series(const std::string& name);

struct FieldRow {
    int run = 0;
    double rtt_ms = 0;
    double load_ms = 0;
    double delta_ms = 0;
    std::array<Zone, 2> zone{};
    std::array<std::int64_t, 2> mbps{};
};
std::vector<FieldRow> load_field_log();

}  // namespace wanctl::golden
