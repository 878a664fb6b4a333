// Many rows as one: what a bucket of a tier holds. Two of them merge into that of all their rows.
#pragma once

#include <array>
#include <cstdint>

#include "common/history/histogram.hpp"
#include "common/history/layout.hpp"
#include "common/history/sqlite.hpp"

namespace wanctl::history {

struct QuantitySum {
    std::int64_t n = 0;
    std::int64_t min = 0;
    std::int64_t sum = 0;
    std::int64_t max = 0;
    Histogram histogram;
};

struct Aggregate {
    std::int64_t cycles = 0;
    std::int64_t span_us = 0;
    std::array<QuantitySum, kMaxQuantities> quantity{};                   // [Layout::quantities]
    std::array<std::array<std::int64_t, kMaxZones>, kMaxAxes> zone_us{};  // [Layout::axes][zone]

    void add(const Row& row, const Layout& layout);
    void add(const Aggregate& other, const Layout& layout);
};

// The columns of a tier's table in the order in which these two go through them, at_ms first.
[[nodiscard]] std::string tier_columns(const Layout& layout);
// `stored`: the histograms' texts, which must live until the statement is reset.
void bind_bucket(Statement& statement, std::int64_t at_ms, const Aggregate& aggregate,
                 const Layout& layout, std::array<std::string, kMaxQuantities>& stored);
// False: a histogram is damaged.
[[nodiscard]] bool read_bucket(const Statement& statement, const Layout& layout,
                               std::int64_t& at_ms, Aggregate& out);

// The columns of `cycles` likewise.
[[nodiscard]] std::string cycle_columns(const Layout& layout);
void bind_row(Statement& statement, const Row& row, const Layout& layout);
[[nodiscard]] Row read_row(const Statement& statement, const Layout& layout);

}  // namespace wanctl::history
