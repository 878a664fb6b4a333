// The history's database: its tables, and how a file comes to have them. What a reader needs to
// know stands here.
//
// One file a WAN, and one for steering (facts: kind). Times are UTC milliseconds (at_ms), durations
// microseconds, rates bit/s; NULL is "not known". A slot is in exactly one of the four tables
// cycles, minutes, five_minutes, hours: a row is moved from one to the next when it is old enough,
// in one transaction, so whoever reads a span reads all four and adds up what is there (in one read
// transaction, for rows move). Rows of `cycles` older than raw_h become rows of `minutes`, those
// become rows of `five_minutes` after minute_d, those rows of `hours` after five_minute_d, and
// those are deleted after hour_d. Only whole buckets move; a bucket of 12,000 slots and more may be
// seen half-way, a part of it in both tables.
//
//   facts        name, value: "wan" is the line's name ("steering" for steering), "kind" is
//                "autorate" or "steering"
//   cycles       one row a slot (autorate) or decision (steering), without rowid, by (at_ms, slot):
//                at_ms, slot (number since the daemon's start), span_us (the time the row stands
//                for), then for autorate
//                    rtt_us, baseline_us, delta_us, down_bps, up_bps (what the law wants),
//                    down_zone, up_zone (0 green, 1 yellow, 2 soft_red, 3 red)
//                (rtt_us and delta_us are NULL in a slot without a sample), for steering
//                    delta_us (the primary's), score, state (0 good, 1 degraded: steered away),
//                    zone (what steering makes of the primary, as above)
//   minutes      one row a bucket, at_ms (its first millisecond, a multiple of 60,000) its rowid:
//                cycles (how many rows it is made of), span_us (the time they stand for), for each
//                number X above X_n (values that are not NULL), X_min, X_sum, X_max in the unit of
//                cycles (rtt_n, rtt_min, rtt_sum, rtt_max, baseline_n ... up_max; delta_n ...,
//                score_max), rtt_hist and delta_hist (histogram.hpp: values in us), and for
//                each zone the time in it: down_green_us, down_yellow_us, down_soft_red_us,
//                down_red_us, up_... (steering: state_good_us, state_degraded_us, zone_green_us
//                ...); the share of the time in a zone is that by span_us
//   five_minutes the same by 300,000 ms
//   hours        the same by 3,600,000 ms
//   transitions  one row a zone change, by (at_ms, slot, direction): direction (0 download, 1
//                upload; 0 for steering), zone_from, zone_to (as in cycles, for steering its
//                state), delta_us, threshold_us (NULL for steering), reason (text)
//   events       what happened besides, by (at_ms, n), n telling those of one millisecond apart, in
//   order: kind ('start', 'stop',
//                'reload', 'router_lost', 'router_found', 'steering_on', 'steering_off',
//                'history_lost', ..., 'alert'), detail (JSON or NULL; 'start' and 'reload' hold
//                the configuration)
//   metrics      a view of the six columns timestamp (whole seconds), wan_name, metric_name, value,
//                labels (JSON or NULL), granularity ('raw', '1m', '5m', '1h'): six rows a slot of
//                autorate (wanctl_rtt_ms, wanctl_rtt_baseline_ms, wanctl_rtt_delta_ms,
//                wanctl_rate_download_mbps, wanctl_rate_upload_mbps, wanctl_state of the download),
//                four a decision of steering (wanctl_rtt_delta_ms, wanctl_steering_score,
//                wanctl_steering_enabled, wanctl_state), the averages of a bucket (of a state the
//                one that lasted longest, of equals the worse), and one a transition with its
//                reason. For a span of a file with millions of rows ask the tables: the view has no
//                index by its seconds.
//
// A file is opened by its writer alone with write access. A reader opens it read-only; without a
// -wal file beside it, and without a live writer, with immutable=1. user_version is the schema's
// version: of what is above kSchemaVersion a reader says so and shows what it knows; it refuses the
// file when that lacks anything it reads. A writer refuses it in any case.
#pragma once

#include <span>
#include <string_view>

#include "common/error.hpp"
#include "common/history/layout.hpp"

struct sqlite3;

namespace wanctl::history {

inline constexpr int kSchemaVersion = 1;
inline constexpr int kApplicationId = 0x77616e63;  // "wanc"

// What makes a file of the version `from` one of the next.
struct Migration {
    int from;
    const char* sql;
};

// Gives a new file its tables, brings an older version's file forward (all steps or none), and
// leaves a file of this version as it is. Errors: invalid_input for another program's file or
// another line's history, unsupported for a newer version's, else what SQLite says. The connection
// is the caller's, without an open transaction.
[[nodiscard]] Result<void> prepare_schema(sqlite3* database, const Layout& layout,
                                          std::string_view wan);
// The same with other steps, to the version behind the last of them.
[[nodiscard]] Result<void> prepare_schema(sqlite3* database, const Layout& layout,
                                          std::string_view wan,
                                          std::span<const Migration> migrations);

}  // namespace wanctl::history
