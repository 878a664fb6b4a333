#include "tests/sim/line/closed_loop.hpp"

#include <algorithm>
#include <deque>

namespace wanctl::sim {

namespace {

constexpr std::uint32_t kEchoBytes = 98;
constexpr std::uint64_t kEchoFlow = 1;

struct Write {
    SteadyTime due;
    RatePair rates;
};

void apply(LineModel& line, const RatePair& rates, Ratio bucket_size) {
    line.port(Direction::download).set_limit(rates.download, bucket_size);
    line.port(Direction::upload).set_limit(rates.upload, bucket_size);
}

ClosedLoopResult judge(const LineModel& line, const VirtualProbe& probe) {
    const LineVerdict& verdict = line.verdict();
    const auto share = [&verdict](std::size_t i) {
        return Ratio{verdict.goodput_bytes[i] / std::max(verdict.capacity_bytes[i], 1.0)};
    };
    ClosedLoopResult result;
    result.rtt_p50_ms = to_ms(verdict.rtt.quantile(0.5));
    result.rtt_p99_ms = to_ms(verdict.rtt.quantile(0.99));
    result.goodput_download = share(0);
    result.goodput_upload = share(1);
    result.above_30_ms = Ratio{verdict.queueing.share_from(std::chrono::milliseconds(30))};
    result.goodput_download_bytes = static_cast<std::uint64_t>(verdict.goodput_bytes[0]);
    result.goodput_upload_bytes = static_cast<std::uint64_t>(verdict.goodput_bytes[1]);
    result.lost_echoes = probe.lost();
    return result;
}

}  // namespace

void VirtualProbe::send(SteadyTime now) {
    sent_.push_back(now);
    line_->offer(Direction::upload, {sent_.size() - 1, kEchoFlow, kEchoBytes}, now);
}

std::optional<Nanos> VirtualProbe::advance(SteadyTime to) {
    std::optional<Nanos> newest;
    while (line_->now() < to) {
        const auto event = line_->next_event();
        line_->advance(event ? std::min(*event, to) : to);
        for (const auto& delivery : line_->take_deliveries()) {
            if (!delivery.delivered) {
                ++lost_;
            } else if (delivery.direction == Direction::upload) {
                line_->offer(Direction::download, {delivery.tag, kEchoFlow, kEchoBytes},
                             delivery.at);
            } else {
                newest = delivery.at - sent_[delivery.tag];
            }
        }
    }
    return newest;
}

ClosedLoopResult run_closed_loop(const ClosedLoopSpec& spec, const LoopFunction& decide) {
    const SteadyTime start;
    LineModel line(spec.line, start);
    VirtualProbe probe(line);
    apply(line, spec.initial, spec.bucket_size);
    std::deque<Write> writes;
    std::uint64_t decisions = 0;
    bool counting = false;
    auto event = spec.events.begin();
    for (SteadyTime now = start; now < start + spec.duration; now += spec.interval) {
        if (!counting && now >= start + spec.warm_up) {
            counting = true;
            line.reset_figures();
        }
        for (; event != spec.events.end() && start + event->at <= now; ++event) {
            event->happens(line);
        }
        probe.send(now);
        std::optional<Nanos> rtt;
        const SteadyTime tick = now + spec.interval;
        for (; !writes.empty() && writes.front().due <= tick; writes.pop_front()) {
            if (const auto seen = probe.advance(writes.front().due)) rtt = seen;
            apply(line, writes.front().rates, spec.bucket_size);
        }
        if (const auto seen = probe.advance(tick)) rtt = seen;
        ++decisions;
        if (const auto rates = decide(rtt, tick)) writes.push_back({tick + spec.actuation, *rates});
    }
    ClosedLoopResult result = judge(line, probe);
    result.decisions = decisions;
    return result;
}

}  // namespace wanctl::sim
