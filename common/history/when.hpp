// Times as an operator writes and reads them, and spans of them. Local means the process's time
// zone; UTC milliseconds everywhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.hpp"

namespace wanctl::history {

// [from, to)
struct Span {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;

    bool operator==(const Span&) const = default;
};

// Which of two moments a local time means that comes twice, when clocks go back.
enum class Twice { first, second };

// "90s", "90m", "1h", "7d", "2w", "1h30m": milliseconds, above zero.
[[nodiscard]] Result<std::int64_t> parse_duration(std::string_view text);

// "2026-11-21T10:00", with seconds and their fractions, with a blank for the T, as a date alone
// (its first moment); local unless "Z" or an offset ("+01:00") follows. Or seconds since 1970
// ("1795255200", "1795255200.5"), "now", or a duration: so long ago. A local time that the change
// to summer time leaves out is an error.
[[nodiscard]] Result<std::int64_t> parse_moment(std::string_view text, std::int64_t now_ms,
                                                Twice twice = Twice::first);

// What --last, --from and --to (empty when not given) ask for: to is now unless given, from lies
// `last` before it unless given. Errors: invalid_input, also for a span that holds nothing.
[[nodiscard]] Result<Span> parse_span(std::string_view last, std::string_view from,
                                      std::string_view to, std::int64_t now_ms);

// "2026-11-21 10:00:00+01:00", with milliseconds "2026-11-21 10:00:00.000+01:00".
[[nodiscard]] std::string local_text(std::int64_t at_ms, bool milliseconds = false);
// "2026-11-21T09:00:00.000Z"
[[nodiscard]] std::string utc_text(std::int64_t at_ms);
// "60 s", "90 min", "7 d": in the largest unit that divides it.
[[nodiscard]] std::string length_text(std::int64_t length_ms);

}  // namespace wanctl::history
