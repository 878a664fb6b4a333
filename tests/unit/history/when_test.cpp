#include "common/history/when.hpp"

#include <cstdlib>
#include <ctime>
#include <string>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::history;

namespace {

// Clocks go forward on 30 March 2025 at 02:00 and back on 26 October 2025 at 03:00, without any
// time zone's file.
class CentralEurope {
  public:
    CentralEurope() { set("CET-1CEST,M3.5.0,M10.5.0/3"); }
    ~CentralEurope() { set("UTC0"); }
    CentralEurope(const CentralEurope&) = delete;
    CentralEurope& operator=(const CentralEurope&) = delete;

  private:
    static void set(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
};

constexpr std::int64_t kNow = 1'795'255'200'000;  // 2026-11-21T10:00:00Z

std::int64_t moment(std::string_view text, Twice twice = Twice::first) {
    const auto found = parse_moment(text, kNow, twice);
    INFO(text << ": " << (found ? "" : found.error().message));
    REQUIRE(found.has_value());
    return *found;
}

}  // namespace

TEST_CASE("times are read as they are written: local, with an offset, as seconds, as long ago") {
    const CentralEurope zone;
    CHECK(moment("2026-11-21T10:00Z") == kNow);
    for (const char* same :
         {"2026-11-21T11:00", "2026-11-21 11:00:00", "2026-11-21T11:00:00.000",
          "2026-11-21T12:00+02:00", "2026-11-21T12:00+0200", "2026-11-21T12:00+02",
          "2026-11-21T04:30:00-05:30", "1795255200", "1795255200.0", "now"}) {
        CHECK(moment(same) == kNow);
    }
    CHECK(moment("2026-11-21T10:00:00.25Z") == kNow + 250);
    CHECK(moment("1795255200.0625") == kNow + 62);
    CHECK(moment("2026-11-21") == kNow - 11 * 3'600'000);
    CHECK(moment("90m") == kNow - 5'400'000);
    CHECK(moment("2024-02-29T00:00Z") == 1'709'164'800'000);
}

TEST_CASE(
    "a local hour that comes twice is its first or its second, one that is left out no time") {
    const CentralEurope zone;
    // 02:30 in summer time is 00:30 UTC, then once more 01:30 UTC.
    CHECK(moment("2025-10-26T02:30") == moment("2025-10-26T00:30Z"));
    CHECK(moment("2025-10-26T02:30", Twice::second) == moment("2025-10-26T01:30Z"));
    CHECK(moment("2025-10-26T01:30", Twice::second) == moment("2025-10-25T23:30Z"));
    CHECK(moment("2025-07-01T12:00", Twice::second) == moment("2025-07-01T10:00Z"));
    const auto left_out = parse_moment("2025-03-30T02:30", kNow);
    REQUIRE_FALSE(left_out.has_value());
    CHECK(left_out.error().message.find("leave that time out") != std::string::npos);
    CHECK(moment("2025-03-30T03:30") == moment("2025-03-30T01:30Z"));
    CHECK(local_text(moment("2025-10-26T00:30Z")) == "2025-10-26 02:30:00+02:00");
    CHECK(local_text(moment("2025-10-26T01:30Z")) == "2025-10-26 02:30:00+01:00");
    CHECK(local_text(kNow + 7, true) == "2026-11-21 11:00:00.007+01:00");
    CHECK(utc_text(kNow + 7) == "2026-11-21T10:00:00.007Z");
    // That day lasts 25 hours.
    const auto day = parse_span("", "2025-10-26", "2025-10-27", kNow);
    REQUIRE(day.has_value());
    CHECK(day->to_ms - day->from_ms == 25 * 3'600'000);
}

TEST_CASE("what is no time, no length and no span is refused with an example") {
    for (const char* bad :
         {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-21T25:00", "2026-11-21T10",
          "2026-11-21T10:00+25:00", "2026-11-21T10:00X", "21.11.2026", "-5", "1e9", "12:00",
          "2026-11-21T10:00:00.", "99999999999999999999", "1969-01-01", "2026-11-21T10:00Z "}) {
        const auto found = parse_moment(bad, kNow);
        INFO(bad);
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().kind == ErrorKind::invalid_input);
        CHECK(found.error().message.find("2026-11-21T10:00") != std::string::npos);
    }
    for (const char* bad : {"", "0s", "10", "m", "5y", "-5m", "1.5h", "5m3", "999999999w"}) {
        INFO(bad);
        CHECK_FALSE(parse_duration(bad).has_value());
    }
    CHECK(parse_duration("1h30m").value() == 5'400'000);
    CHECK(parse_duration("2w").value() == 14 * 86'400'000LL);

    CHECK(parse_span("1h", "", "", kNow).value() == Span{kNow - 3'600'000, kNow});
    CHECK(parse_span("1h", "2h", "", kNow).value() == Span{kNow - 7'200'000, kNow});
    CHECK(parse_span("30m", "", "2h", kNow).value() == Span{kNow - 9'000'000, kNow - 7'200'000});
    const auto backwards = parse_span("1h", "1h", "2h", kNow);
    REQUIRE_FALSE(backwards.has_value());
    CHECK(backwards.error().message.find("not after its begin") != std::string::npos);
    CHECK_FALSE(parse_span("soon", "", "", kNow).has_value());
    CHECK_FALSE(parse_span("1h", "x", "", kNow).has_value());
    CHECK_FALSE(parse_span("1h", "", "x", kNow).has_value());
}
