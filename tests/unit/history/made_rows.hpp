// Rows of a line that never was, each a function of its number, so that their sums are known.
#pragma once

#include <cstdint>

#include "common/history/layout.hpp"

namespace wanctl::test {

// 2026-03-01 00:00:00 UTC.
inline constexpr std::int64_t kFirstMs = 1'772'323'200'000;

[[nodiscard]] inline history::Row made_row(std::int64_t number, std::int64_t interval_ms) {
    history::Row row;
    row.at_ms = kFirstMs + number * interval_ms;
    row.slot = number;
    row.span_us = interval_ms * 1'000;
    if (number % 7 != 0) {
        row.value[0] = 20'000 + number % 1'013;
        row.value[2] = number % 503 - 100;
    }
    row.value[1] = 20'000 + number % 11;
    row.value[3] = 40'000'000 - number % 97 * 100'000;
    row.value[4] = 9'000'000 + number % 89;
    row.zone = {number / 10 % 4, number / 30 % 4};
    return row;
}

// What all rows before `end` add up to, as one text; SQL makes the same of the four tables.
[[nodiscard]] std::string sum_of_made_rows(std::int64_t end, std::int64_t interval_ms);
extern const char* const kSumOfFile;

}  // namespace wanctl::test
