#include "autorate/actuate/router_load.hpp"

#include <utility>

#include <fmt/format.h>

namespace wanctl::actuate {

using routeros::Method;
using routeros::Reply;
using routeros::Request;
using routeros::ResourceReading;
using routeros::Urgency;

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
      path_(routeros::resource_path()) {
    link_.join(*this);
}

RouterLoad::~RouterLoad() {
    link_.leave(*this);
}

std::optional<ResourceReading> RouterLoad::reading(SteadyTime now) const {
    return newest_ && now - newest_at_ <= kIntervalsValid * interval_ ? newest_ : std::nullopt;
}

Urgency RouterLoad::urgency(SteadyTime now) const {
    return due_ && now >= *due_ ? Urgency::poll : Urgency::none;
}

void RouterLoad::take_turn(SteadyTime now) {
    due_ = now + interval_;
    link_.send(Request{Method::get, path_, {}});
}

void RouterLoad::on_reply(SteadyTime now, const Reply& reply) {
    const auto reading = reply.state == RouterState::ok
                             ? routeros::read_resource(reply.body)
                             : Result<ResourceReading>(tl::unexpected<Error>(reply.error));
    if (!reading) {
        ++counters_.failed;
        newest_.reset();
        watch_.lost();
        // Trouble of the connection is told by those who depend on it.
        const bool answered = reply.status >= 200 && reply.state != RouterState::unauthorized;
        if (answered) not_understood(reading.error().message);
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
