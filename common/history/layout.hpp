// The columns of a history: what is kept of one slot of wanctl-autorate, and of one decision of
// wanctl-steering. The tables of both are made, written, moved between tiers and read by these two
// lists.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wanctl::history {

inline constexpr std::size_t kMaxQuantities = 5;
inline constexpr std::size_t kMaxAxes = 2;
inline constexpr std::size_t kMaxZones = 4;

// A measured number. Its raw column is `stem`_`unit` or, without a unit, `stem`; an aggregate has
// stem_n, stem_min, stem_sum and stem_max, and with a histogram stem_hist.
struct Quantity {
    std::string_view stem;
    std::string_view unit;
    bool histogram = false;
    std::string_view metric;  // in the view `metrics`
    double per_metric = 1.0;  // so many units make one of the metric's
};

// A state that the slot was in. Its raw column is `column`, a number into `zones`; an aggregate has
// the time in each of them, stem_zone_us.
struct Axis {
    std::string_view column;
    std::string_view stem;
    std::span<const std::string_view> zones;
    std::string_view metric;  // in the view; empty: not there
    std::string_view labels;  // of that metric, JSON; empty: none
};

struct Layout {
    std::string_view kind;  // facts: 'kind'
    std::span<const Quantity> quantities;
    std::span<const Axis> axes;
    // SQL that selects the transitions' rows of the view `metrics`.
    std::string_view transition_metrics;
    std::string_view transition_metric;  // their name there
};

// One slot or decision.
struct Row {
    std::int64_t at_ms = 0;    // UTC
    std::int64_t slot = 0;     // number since the daemon's start
    std::int64_t span_us = 0;  // the time it stands for
    std::array<std::optional<std::int64_t>, kMaxQuantities> value{};  // [Layout::quantities]
    std::array<std::optional<std::int64_t>, kMaxAxes> zone{};         // [Layout::axes]
};

// The tiers behind the raw rows.
struct Tier {
    std::string_view table;
    std::int64_t bucket_ms;
    std::string_view granularity;  // in the view `metrics`
};
inline constexpr std::array<Tier, 3> kTiers{
    {{"minutes", 60'000, "1m"}, {"five_minutes", 300'000, "5m"}, {"hours", 3'600'000, "1h"}}};

[[nodiscard]] const Layout& cycle_layout();
[[nodiscard]] const Layout& steering_layout();

[[nodiscard]] std::string raw_column(const Quantity& quantity);

}  // namespace wanctl::history
