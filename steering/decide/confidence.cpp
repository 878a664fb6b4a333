#include "steering/decide/confidence.hpp"

#include <algorithm>

namespace wanctl::steering {

namespace {

constexpr int kHighest = 100;
constexpr Nanos kSevereDelta = std::chrono::milliseconds(120);
constexpr Nanos kHighDelta = std::chrono::milliseconds(80);
constexpr Nanos kWellDelta = std::chrono::milliseconds(10);

void add(Score& score, Contributor which, std::uint8_t points) {
    const auto index = static_cast<std::size_t>(which);
    score.points[index] = points;
    score.contributors |= 1U << index;
    score.value = std::min(score.value + points, kHighest);
}

}  // namespace

Score score_of(const LineView& line, Assessment assessment, bool soft_red_sustained) {
    Score score;
    if (assessment == Assessment::red) add(score, Contributor::red, 50);
    if (soft_red_sustained) add(score, Contributor::soft_red_sustained, 25);
    if (assessment == Assessment::yellow) add(score, Contributor::yellow, 10);
    if (line.delta && *line.delta > kSevereDelta) {
        add(score, Contributor::rtt_severe, 25);
    } else if (line.delta && *line.delta > kHighDelta) {
        add(score, Contributor::rtt_high, 15);
    }
    if (line.drops_rising) add(score, Contributor::drops_rising, 10);
    if (line.queue_high) add(score, Contributor::queue_high, 10);
    if (line.zone == Zone::red) add(score, Contributor::wan_red, 25);
    if (line.zone == Zone::soft_red) add(score, Contributor::wan_soft_red, 12);
    return score;
}

bool is_well(const LineView& line, Assessment assessment, const Score& score, int recover) {
    return score.value <= recover && assessment == Assessment::green && line.delta &&
           *line.delta < kWellDelta && (!line.queue || line.queue->drops == 0) &&
           line.zone.value_or(Zone::green) == Zone::green;
}

}  // namespace wanctl::steering
