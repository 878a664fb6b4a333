// make-history FILE NOW_S RAW_S MINUTES_S FIVE_MINUTES_S HOURS_S: a history as it stands after a
// long run at 20 Hz: raw slots up to NOW_S (seconds since 1970), before them rows of each tier,
// each for that long. Whole hours are cut off where the tiers meet.
#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "tests/support/store_maker.hpp"

int main(int argc, char** argv) {
    using namespace wanctl;
    if (argc != 7) {
        std::fputs("make-history FILE NOW_S RAW_S MINUTES_S FIVE_MINUTES_S HOURS_S\n", stderr);
        return 64;
    }
    try {
        constexpr std::int64_t kHour = 3'600'000;
        test::StoreMaker maker(argv[1]);
        const std::int64_t now = std::stoll(argv[2]) * 1000;
        std::int64_t end = (now - std::stoll(argv[3]) * 1000) / kHour * kHour;
        maker.add_raw(end, now);
        for (std::size_t i = 0; i < history::kTiers.size(); ++i) {
            const std::int64_t begin = end - std::stoll(argv[4 + i]) * 1000 / kHour * kHour;
            maker.add_tier(history::kTiers[i], begin, end);
            end = begin;
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make-history: %s\n", error.what());
        return 70;
    }
    return 0;
}
