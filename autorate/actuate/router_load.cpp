#include "autorate/actuate/router_load.hpp"

#include <utility>

#include <fmt/format.h>

#include "autorate/actuate/load_desk.hpp"

namespace wanctl::actuate {

using routeros::Reply;
using routeros::ResourceReading;

namespace {

// A reading is believed until so many more should have come.
constexpr int kIntervalsValid = 3;

}  // namespace

RouterLoad::RouterLoad(routeros::RouterLink& link, Nanos interval, const CpuWatchOptions& watch,
                       TellNotice tell)
    : link_(link),
      interval_(interval),
      watch_(watch),
      tell_(std::move(tell)),
      desk_(Desk<RouterLoad>::of<LoadDesk>(link)) {
    desk_->join(*this);
}

RouterLoad::~RouterLoad() {
    desk_->leave(*this);
}

std::optional<ResourceReading> RouterLoad::reading(SteadyTime now) const {
    return newest_ && now - newest_at_ <= kIntervalsValid * interval_ ? newest_ : std::nullopt;
}

void RouterLoad::digest(SteadyTime now, const Reply& reply) {
    const auto reading = reply.state == RouterState::ok
                             ? routeros::read_resource(reply.body)
                             : Result<ResourceReading>(tl::unexpected<Error>(reply.error));
    if (!reading) {
        ++counters_.failed;
        newest_.reset();
        watch_.lost();
        // Trouble that meets every request is told by those who depend on the connection.
        if (reply.state == RouterState::ok || reply.state == RouterState::forbidden)
            not_understood(reading.error().message);
        return;
    }
    ++counters_.read;
    newest_ = *reading;
    newest_at_ = now;
    told_not_understood_ = false;
    if (reading->cpu_percent) judge(now, *reading->cpu_percent);
}

void RouterLoad::judge(SteadyTime now, int percent) {
    if (!watch_.accept(now, percent)) return;
    const double sustain = to_seconds(watch_.options().sustain);
    if (watch_.busy())
        tell_(
            {"router cpu", false,
             fmt::format("{}: {} %, at least {} % for {:g} s: its queues may not keep up with the "
                         "line; FastTrack what needs no queue, or lower the ceilings",
                         link_.place(), percent, watch_.options().high_percent, sustain)});
    else
        tell_({"router cpu", true,
               fmt::format("{}: {} %, below {} % for {:g} s", link_.place(), percent,
                           watch_.options().low_percent, sustain)});
}

void RouterLoad::not_understood(const std::string& message) {
    if (std::exchange(told_not_understood_, true)) return;
    tell_({"router cpu", false, fmt::format("not known: {}", message)});
}

}  // namespace wanctl::actuate
