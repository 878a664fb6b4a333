// A week of a line with a thousand congestion episodes, through the records of its ring. What is an
// episode is known from the generator, not from the decider.
#include <algorithm>
#include <random>
#include <vector>

#include "steering/decide/cycle_readings.hpp"
#include "steering/decide/steering_decider.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace std::chrono_literals;

namespace {

constexpr Nanos kWeek = 7 * 24h;
constexpr int kEpisodes = 1000;

enum class Trouble { episode, burst, mild };

// While it lasts: an episode scores 90 or more, a mild trouble 37 at most, a burst as much as an
// episode but never for sustain_s, the readings' hold included.
struct Span {
    Trouble trouble;
    Nanos from;
    Nanos to;
};

class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::vector<Span> week() {
        std::vector<Span> spans;
        // A thousand equal lots, one episode in each, the other troubles before it.
        const Nanos lot = kWeek / kEpisodes;
        for (int i = 0; i < kEpisodes; ++i) {
            Nanos at = i * lot + between(5s, 40s);
            for (int small = whole(0, 3); small > 0; --small) {
                const bool mild = whole(0, 1) == 1;
                const Nanos length = mild ? between(1s, 60s) : between(100ms, 1s);
                spans.push_back({mild ? Trouble::mild : Trouble::burst, at, at + length});
                at += length + between(3s, 20s);
            }
            Nanos length = between(4s, 120s);
            spans.push_back({Trouble::episode, at, at + length});
            // Sometimes it comes back within the hold-down: still the same episode.
            if (whole(0, 4) == 0 && length < 20s) {
                const Nanos again = at + 2s + between(20s, 26s);
                const Nanos more = between(4s, 60s);
                spans.push_back({Trouble::episode, again, again + more});
            }
        }
        return spans;
    }

    Nanos between(Nanos least, Nanos most) {
        return Nanos(
            std::uniform_int_distribution<std::int64_t>(least.count(), most.count())(random_));
    }
    int whole(int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(random_);
    }

  private:
    std::mt19937 random_;
};

struct Episode {
    Nanos from;
    Nanos to;
};

// Spans of high score, joined when the next comes before the last one can have been recovered from.
std::vector<Episode> truth_of(const std::vector<Span>& spans, const ConfidenceConfig& config) {
    std::vector<Episode> episodes;
    Nanos over{-1s};
    for (const Span& span : spans) {
        if (span.trouble != Trouble::episode) continue;
        if (!episodes.empty() && span.from < over) {
            episodes.back().to = span.to;
        } else {
            episodes.push_back({span.from, span.to});
        }
        const Nanos began = episodes.back().from + config.sustain;
        over = std::max(began + config.hold_down, episodes.back().to) + config.recovery_sustain;
    }
    return episodes;
}

// The records an autorate would publish: counters grow, readings come every quarter of a second.
class Line {
  public:
    Line(std::vector<Span> spans, Nanos interval, Generator& random)
        : spans_(std::move(spans)), interval_(interval), random_(random) {}

    CycleRecord record(Nanos at) {
        while (next_ < spans_.size() && spans_[next_].to <= at) ++next_;
        const bool troubled = next_ < spans_.size() && spans_[next_].from <= at;
        const bool red = troubled && spans_[next_].trouble != Trouble::mild;
        if (at >= read_at_ + 250ms) read_queue(at, red);
        CycleRecord out;
        out.mono_ns = at.count();
        out.interval_ns = static_cast<std::uint32_t>(interval_.count());
        out.measurement = static_cast<std::uint8_t>(MeasurementState::fresh);
        out.fresh = 1;
        const Nanos noise = random_.between(0ms, 4ms);
        out.delta_ns = (noise + (red ? 130ms : troubled ? 90ms : 0ms)).count();
        const Zone zone = red ? Zone::red : troubled ? Zone::soft_red : Zone::green;
        out.direction[0].zone = static_cast<std::uint8_t>(zone);
        out.queue[0] = {0, 0, dropped_, (at - read_at_).count(), 0, packets_};
        out.queue[1] = {0, 0, 0, (at - read_at_).count(), 0, 0};
        return out;
    }

  private:
    void read_queue(Nanos at, bool red) {
        read_at_ = at;
        dropped_ += red ? static_cast<std::uint64_t>(random_.whole(1, 5)) : 0;
        packets_ = red ? static_cast<std::uint32_t>(random_.whole(60, 300)) : 0;
    }

    std::vector<Span> spans_;
    Nanos interval_;
    Generator& random_;
    std::size_t next_ = 0;
    Nanos read_at_{-1s};
    std::uint64_t dropped_ = 700;
    std::uint32_t packets_ = 0;
};

struct Toggled {
    Nanos at;
    SteeringAction action;
};

std::vector<Toggled> decided(Line& line, Nanos interval) {
    const SteeringConfig config;
    SteeringDecider decider(config, SteadyTime{});
    CycleReadings readings;
    std::vector<Toggled> toggles;
    for (Nanos at = interval; at < kWeek + 60s; at += interval) {
        DecideInput input;
        input.now = SteadyTime{at};
        input.source = {SourceState::live, SourceState::absent};
        input.reading[0] = readings.take(line.record(at));
        const SteeringDecision& decision = decider.decide(input);
        if (decision.action != SteeringAction::none) toggles.push_back({at, decision.action});
    }
    return toggles;
}

}  // namespace

TEST_CASE("in a week of a thousand episodes none is missed, none is spurious, each toggles twice") {
    const Nanos interval = test::full_run() ? 50ms : 200ms;
    Generator random(20'26);
    const std::vector<Span> spans = random.week();
    const SteeringConfig config;
    const std::vector<Episode> truth = truth_of(spans, config.confidence);
    REQUIRE(truth.size() == kEpisodes);
    Line line(spans, interval, random);
    const std::vector<Toggled> toggles = decided(line, interval);
    REQUIRE(toggles.size() == 2 * truth.size());
    // Figures of the queue may be a reading old, and a condition is seen with the next record.
    const Nanos late = 3 * 250ms + 2 * interval;
    int wrong = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const Toggled& on = toggles[2 * i];
        const Toggled& off = toggles[2 * i + 1];
        const Nanos begin = truth[i].from + config.confidence.sustain;
        const Nanos end = std::max(on.at + config.confidence.hold_down, truth[i].to) +
                          config.confidence.recovery_sustain;
        const bool right = on.action == SteeringAction::enable &&
                           off.action == SteeringAction::disable && on.at >= begin &&
                           on.at <= begin + late && off.at >= end && off.at <= end + late;
        wrong += right ? 0 : 1;
    }
    CHECK(wrong == 0);
}
