#include "steering/line_teller.hpp"

#include <string>
#include <utility>

#include "common/record/steering_names.hpp"
#include "shm/directory.hpp"
#include "steering/sources/ring_names.hpp"

namespace wanctl::steering {

namespace {

constexpr std::array kLines{SteeredWan::primary, SteeredWan::alternate};
constexpr Nanos kTellMissedAgain = std::chrono::seconds(10);
// The daemons of a host start one after the other.
constexpr Nanos kStartPatience = std::chrono::seconds(5);

constexpr std::size_t index(SteeredWan wan) {
    return static_cast<std::size_t>(wan);
}

}  // namespace

LineTeller::Changes LineTeller::tell(const std::array<SourceState, 2>& now_in) {
    Changes changes;
    for (const SteeredWan wan : kLines) {
        const LineSource& line = lines_.line(wan);
        const SourceState source = now_in[index(wan)];
        Told& told = told_[index(wan)];
        const std::uint64_t restarts = line.counts().restarts;
        if (std::exchange(told.restarts, restarts) != restarts) {
            log_.info("another writer has the line's ring",
                      {{"line", line.name()}, {"restarts", restarts}});
        }
        if (told.source == source) continue;
        changes.any = true;
        changes.counted += told.source ? 1 : 0;
        told.source = source;
        const bool good = source == SourceState::live;
        std::string message = good ? "its records are read" : line.text();
        if (message.empty()) message = "its newest record is too old";
        log_.log(good ? LogLevel::info : LogLevel::warning, "line",
                 {{"line", line.name()},
                  {"role", wan == SteeredWan::primary ? "primary" : "alternate"},
                  {"ring", name(source)},
                  {"message", message}});
    }
    return changes;
}

void LineTeller::look(SteadyTime now, const SteeringConfig& config) {
    tell_missed(now);
    for (const SteeredWan wan : kLines) {
        Told& told = told_[index(wan)];
        if (told.source != SourceState::absent) {
            told.absent_since.reset();
            told.mismatch = false;
            continue;
        }
        if (!told.absent_since) told.absent_since = now;
        if (told.mismatch || now - *told.absent_since < kStartPatience) continue;
        // Others may appear later: asked again after as long, until told.
        told.absent_since = now;
        const auto rings = shm::list_segments();
        const auto text = rings ? name_mismatch(config, wan, *rings) : std::nullopt;
        if (!text) continue;
        told.mismatch = true;
        log_.error(*text);
    }
}

void LineTeller::tell_missed(SteadyTime now) {
    std::uint64_t missed = 0;
    for (const SteeredWan wan : kLines) missed += lines_.line(wan).counts().missed;
    if (missed == told_missed_ || (told_missed_at_ && now - *told_missed_at_ < kTellMissedAgain))
        return;
    told_missed_at_ = now;
    log_.warning("records were overwritten before they could be read",
                 {{"missed", missed - told_missed_}, {"total", missed}});
    told_missed_ = missed;
}

}  // namespace wanctl::steering
