#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "tests/unit/history/made_rows.hpp"

namespace wanctl::test {

std::string sum_of_made_rows(std::int64_t end, std::int64_t interval_ms) {
    std::int64_t span = 0;
    std::int64_t samples = 0;
    std::array<std::int64_t, 5> sum{};
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::array<std::array<std::int64_t, 4>, 2> zone{};
    for (std::int64_t i = 0; i < end; ++i) {
        const history::Row row = made_row(i, interval_ms);
        span += row.span_us;
        for (std::size_t q = 0; q < sum.size(); ++q) sum[q] += row.value[q].value_or(0);
        if (row.value[2]) {
            ++samples;
            least = samples == 1 ? *row.value[2] : std::min(least, *row.value[2]);
            most = samples == 1 ? *row.value[2] : std::max(most, *row.value[2]);
        }
        for (std::size_t axis = 0; axis < 2; ++axis)
            zone[axis][static_cast<std::size_t>(*row.zone[axis])] += row.span_us;
    }
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}", end, span, samples, sum[0], sum[1],
                       sum[2], sum[3], sum[4], least, most, zone[0][3], zone[1][1]);
}

const char* const kSumOfFile = R"(
WITH all_rows AS (
  SELECT 1 AS n, span_us AS span, delta_us IS NOT NULL AS samples, ifnull(rtt_us, 0) AS rtt,
    baseline_us AS baseline, ifnull(delta_us, 0) AS delta, down_bps AS down, up_bps AS up,
    delta_us AS least, delta_us AS most, iif(down_zone = 3, span_us, 0) AS red,
    iif(up_zone = 1, span_us, 0) AS yellow FROM cycles
  UNION ALL SELECT cycles, span_us, delta_n, ifnull(rtt_sum, 0), baseline_sum,
    ifnull(delta_sum, 0), down_sum, up_sum, delta_min, delta_max, down_red_us, up_yellow_us
    FROM minutes
  UNION ALL SELECT cycles, span_us, delta_n, ifnull(rtt_sum, 0), baseline_sum,
    ifnull(delta_sum, 0), down_sum, up_sum, delta_min, delta_max, down_red_us, up_yellow_us
    FROM five_minutes
  UNION ALL SELECT cycles, span_us, delta_n, ifnull(rtt_sum, 0), baseline_sum,
    ifnull(delta_sum, 0), down_sum, up_sum, delta_min, delta_max, down_red_us, up_yellow_us
    FROM hours)
SELECT ifnull(sum(n), 0) || ' ' || ifnull(sum(span), 0) || ' ' || ifnull(sum(samples), 0) || ' ' ||
  ifnull(sum(rtt), 0) || ' ' || ifnull(sum(baseline), 0) || ' ' || ifnull(sum(delta), 0) || ' ' ||
  ifnull(sum(down), 0) || ' ' || ifnull(sum(up), 0) || ' ' || ifnull(min(least), 0) || ' ' ||
  ifnull(max(most), 0) || ' ' || ifnull(sum(red), 0) || ' ' || ifnull(sum(yellow), 0)
FROM all_rows)";

}  // namespace wanctl::test
