#include "common/history/when.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl::history {

namespace {

// What SQLite, tm and an operator all bear: the years 1970 to 9999.
constexpr std::int64_t kLastMoment = 253'402'300'799'999;

constexpr std::array<std::pair<char, std::int64_t>, 5> kUnits{
    {{'w', 604'800'000}, {'d', 86'400'000}, {'h', 3'600'000}, {'m', 60'000}, {'s', 1'000}}};

std::optional<std::int64_t> unit_ms(char letter) {
    for (const auto& [unit, length] : kUnits)
        if (unit == letter) return length;
    return std::nullopt;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes digits from the front, at least `least` and at most `most` of them.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t least,
                                        std::size_t most) {
    std::size_t length = 0;
    while (length < text.size() && length < most && is_digit(text[length])) ++length;
    if (length < least) return std::nullopt;
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + length, value);
    text.remove_prefix(length);
    return value;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

// ".25" as 250 ms; 0 without one.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    std::int64_t ms = 0;
    int digits = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits)
        if (digits < 3) ms = ms * 10 + (text.front() - '0');
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) ms *= 10;
    return ms;
}

struct Written {
    std::tm clock{};
    std::int64_t ms = 0;
    std::optional<std::int64_t> offset_s;  // nothing: local
};

// "Z", "+01", "+0100", "+01:00"; false for anything else that follows.
bool take_offset(std::string_view& text, Written& written) {
    if (text.empty()) return true;
    if (take(text, 'Z') || take(text, 'z')) {
        written.offset_s = 0;
        return text.empty();
    }
    const bool east = text.front() == '+';
    if (!take(text, '+') && !take(text, '-')) return false;
    const auto hours = take_number(text, 2, 2);
    take(text, ':');
    const auto minutes = text.empty() ? std::optional<std::int64_t>(0) : take_number(text, 2, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59 || !text.empty()) return false;
    written.offset_s = (*hours * 3600 + *minutes * 60) * (east ? 1 : -1);
    return true;
}

bool take_clock(std::string_view& text, Written& written) {
    const auto hour = take_number(text, 2, 2);
    if (!hour || !take(text, ':')) return false;
    const auto minute = take_number(text, 2, 2);
    const auto second = take(text, ':') ? take_number(text, 2, 2) : std::optional<std::int64_t>(0);
    const auto ms = take_fraction(text);
    if (!minute || !second || !ms || *hour > 23 || *minute > 59 || *second > 59) return false;
    written.clock.tm_hour = static_cast<int>(*hour);
    written.clock.tm_min = static_cast<int>(*minute);
    written.clock.tm_sec = static_cast<int>(*second);
    written.ms = *ms;
    return true;
}

std::optional<Written> as_written(std::string_view text) {
    Written written;
    const auto year = take_number(text, 4, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2, 2);
    if (!day || *year < 1970 || *month < 1 || *month > 12 || *day < 1 || *day > 31)
        return std::nullopt;
    written.clock.tm_year = static_cast<int>(*year) - 1900;
    written.clock.tm_mon = static_cast<int>(*month) - 1;
    written.clock.tm_mday = static_cast<int>(*day);
    if ((take(text, 'T') || take(text, 't') || take(text, ' ')) && !take_clock(text, written))
        return std::nullopt;
    if (!take_offset(text, written)) return std::nullopt;
    // No 30 February.
    std::tm checked = written.clock;
    if (::timegm(&checked) < 0 && *year > 1970) return std::nullopt;
    if (checked.tm_mday != written.clock.tm_mday) return std::nullopt;
    return written;
}

// The moment at which local clocks show it, taken as summer time or as not; nothing when they do
// not show it then.
std::optional<std::time_t> local_moment(const std::tm& clock, int summer) {
    std::tm asked = clock;
    asked.tm_isdst = summer;
    const std::time_t at = std::mktime(&asked);
    std::tm shown{};
    if (at == -1 || ::localtime_r(&at, &shown) == nullptr) return std::nullopt;
    const bool same = shown.tm_min == clock.tm_min && shown.tm_hour == clock.tm_hour &&
                      shown.tm_mday == clock.tm_mday && shown.tm_sec == clock.tm_sec;
    return same ? std::optional(at) : std::nullopt;
}

Result<std::int64_t> moment_of(const Written& written, std::string_view text, Twice twice) {
    if (written.offset_s) {
        std::tm clock = written.clock;
        return (std::int64_t{::timegm(&clock)} - *written.offset_s) * 1000 + written.ms;
    }
    const auto summer = local_moment(written.clock, 1);
    const auto standard = local_moment(written.clock, 0);
    const auto either = local_moment(written.clock, -1);
    std::optional<std::time_t> at = either;
    // Summer time comes first when clocks go back.
    if (summer && standard && *summer != *standard)
        at = (twice == Twice::first) == (*summer < *standard) ? summer : standard;
    if (!at) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\": local clocks leave that time out, as they go forward; "
                                "write it with its offset, as in 2026-11-21T10:00+01:00",
                                printable(text)));
    }
    return std::int64_t{*at} * 1000 + written.ms;
}

std::optional<std::int64_t> as_epoch(std::string_view text) {
    const auto seconds = take_number(text, 1, 12);
    if (!seconds) return std::nullopt;
    const auto ms = take_fraction(text);
    if (!ms || !text.empty()) return std::nullopt;
    return *seconds * 1000 + *ms;
}

std::tm local_clock(std::int64_t at_ms) {
    // Towards the past also before 1970.
    const std::time_t seconds = (at_ms - (at_ms < 0 ? 999 : 0)) / 1000;
    std::tm clock{};
    ::localtime_r(&seconds, &clock);
    return clock;
}

std::string clock_text(const std::tm& clock, char between) {
    return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", clock.tm_year + 1900,
                       clock.tm_mon + 1, clock.tm_mday, between, clock.tm_hour, clock.tm_min,
                       clock.tm_sec);
}

std::int64_t thousandths(std::int64_t at_ms) {
    return (at_ms % 1000 + 1000) % 1000;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
    const std::string_view whole = text;
    std::int64_t total = 0;
    while (!text.empty()) {
        const auto number = take_number(text, 1, 9);
        const auto unit = text.empty() ? std::nullopt : unit_ms(text.front());
        if (!number || !unit) {
            total = 0;
            break;
        }
        text.remove_prefix(1);
        total += *number * *unit;
        if (total > kLastMoment) break;
    }
    if (total > 0 && total <= kLastMoment) return total;
    return fail(ErrorKind::invalid_input,
                fmt::format("\"{}\" is no length of time; write a number and its unit s, m, h, d "
                            "or w, as in 90m or 7d",
                            printable(whole)));
}

Result<std::int64_t> parse_moment(std::string_view text, std::int64_t now_ms, Twice twice) {
    if (text == "now") return now_ms;
    if (const auto written = as_written(text)) return moment_of(*written, text, twice);
    if (const auto epoch = as_epoch(text); epoch && *epoch <= kLastMoment) return *epoch;
    if (const auto ago = parse_duration(text)) return now_ms - *ago;
    return fail(ErrorKind::invalid_input,
                fmt::format("\"{}\" is no time; write 2026-11-21T10:00 (local), the same with Z or "
                            "an offset (+01:00), seconds since 1970, or 90m or 7d for so long ago",
                            printable(text)));
}

Result<Span> parse_span(std::string_view last, std::string_view from, std::string_view to,
                        std::int64_t now_ms) {
    const auto end =
        to.empty() ? Result<std::int64_t>(now_ms) : parse_moment(to, now_ms, Twice::second);
    if (!end) return tl::unexpected(end.error());
    std::int64_t begin = 0;
    if (from.empty()) {
        const auto length = parse_duration(last);
        if (!length) return tl::unexpected(length.error());
        begin = *end - *length;
    } else {
        const auto at = parse_moment(from, now_ms, Twice::first);
        if (!at) return tl::unexpected(at.error());
        begin = *at;
    }
    if (begin >= *end) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("the span ends at {}, which is not after its begin, {}",
                                local_text(*end), local_text(begin)));
    }
    return Span{begin, *end};
}

std::string local_text(std::int64_t at_ms, bool milliseconds) {
    const std::tm clock = local_clock(at_ms);
    std::string text = clock_text(clock, ' ');
    if (milliseconds) text += fmt::format(".{:03}", thousandths(at_ms));
    const long minutes = clock.tm_gmtoff / 60;
    const long size = minutes < 0 ? -minutes : minutes;
    return text + fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

std::string utc_text(std::int64_t at_ms) {
    const std::time_t seconds = (at_ms - thousandths(at_ms)) / 1000;
    std::tm clock{};
    ::gmtime_r(&seconds, &clock);
    return clock_text(clock, 'T') + fmt::format(".{:03}Z", thousandths(at_ms));
}

std::string length_text(std::int64_t length_ms) {
    if (length_ms % 86'400'000 == 0) return fmt::format("{} d", length_ms / 86'400'000);
    if (length_ms % 3'600'000 == 0) return fmt::format("{} h", length_ms / 3'600'000);
    if (length_ms % 60'000 == 0) return fmt::format("{} min", length_ms / 60'000);
    if (length_ms % 1'000 == 0) return fmt::format("{} s", length_ms / 1'000);
    return fmt::format("{} ms", length_ms);
}

}  // namespace wanctl::history
