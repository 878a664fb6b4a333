#include "tests/sim/line/lane.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace wanctl::sim {

namespace {

constexpr double kGridNs = static_cast<double>(kGrid.count());
constexpr double kLongestDelayNs = 60e9;
constexpr std::int64_t kRateSteps = 100;
constexpr double kEchoBytes = 98.0;

Nanos nanos(double ns) {
    return Nanos(std::llround(ns));
}
double ns_of(Nanos time) {
    return static_cast<double>(time.count());
}

// The depth in time at the mean capacity; room for a few packets at least.
double fifo_bytes(const LineSpec& spec, Direction direction) {
    const double bytes = bytes_per_ns(spec.capacity.mean(direction)) * ns_of(spec.fifo);
    return std::max(bytes, 4 * kWireBytes);
}

}  // namespace

Lane::Lane(Direction direction, const LineSpec& spec, std::uint64_t seed)
    : direction_(direction),
      base_ns_(ns_of(spec.base_rtt) / 2),
      jitter_ns_(ns_of(spec.jitter) / 2),
      loss_(spec.loss.value),
      random_(seed),
      leaf_({.link = spec.link}, seed + 1),
      fifo_(fifo_bytes(spec, direction), seed + 2),
      plan_(spec.flows[static_cast<std::size_t>(direction)]) {
    widen(plan_.size());
}

void Lane::widen(std::size_t flows) {
    width_ = std::max(width_, flows);
    leaf_.set_width({width_});
    fifo_.set_width({width_});
}

void Lane::run_plan(Nanos now) {
    if (plan_.empty()) return;
    bool more = false;
    for (std::size_t i = 0; i < plan_.size(); ++i) {
        auto& plan = plan_[i];
        if (plan.start == Nanos::max()) continue;
        const bool ends = plan.stop && *plan.stop <= now;
        if (!flows_[i].active() && plan.start <= now && !ends) {
            flows_[i].start(now, nanos(2 * base_ns_));
            ++active_;
        }
        if (ends) {
            if (flows_[i].active()) --active_;
            flows_[i].stop();
        }
        if (ends || (flows_[i].active() && !plan.stop))
            plan.start = Nanos::max();
        else
            more = true;
    }
    if (!more) plan_.clear();
}

void Lane::set_flows(std::size_t count, Nanos now) {
    plan_.clear();
    active_ = std::min(count, kMaxFlows);
    widen(active_);
    for (std::size_t i = 0; i < width_; ++i) {
        if (i >= active_)
            flows_[i].stop();
        else if (!flows_[i].active())
            flows_[i].start(now, nanos(2 * base_ns_));
    }
}

void Lane::learn(Nanos now) {
    FeedbackRow& row = feedback_.at(grid_);
    if (!row.any) return;
    for (std::size_t i = 0; i < width_; ++i) {
        if (row.acked.of[i] <= 0 && row.lost.of[i] <= 0) continue;
        flows_[i].feedback(now, row.acked.of[i], row.lost.of[i], row.rtt_ns.of[i]);
    }
    row = {};
}

void Lane::send(Nanos now) {
    for (std::size_t i = 0; i < width_; ++i) {
        sending_.of[i] = flows_[i].active() ? flows_[i].send(now, kGridNs) : 0;
        totals_.offered += sending_.of[i];
    }
}

void Lane::tick(Nanos now, std::optional<double> way_back_ns) {
    grid_ = now / kGrid;
    way_back_ns_ = way_back_ns;
    if (way_back_ns_ && held_.any) {
        FeedbackRow& row = feedback_.arriving(grid_, *way_back_ns_ / kGridNs);
        for (std::size_t i = 0; i < width_; ++i) {
            row.acked.of[i] += held_.acked.of[i];
            row.lost.of[i] += held_.lost.of[i];
            row.rtt_ns.of[i] = std::max(row.rtt_ns.of[i], held_.rtt_ns.of[i]);
        }
        held_ = {};
    }
    learn(now);
    run_plan(now);
    send(now);
    if (grid_ % kRateSteps == 0) measure_rates();
}

void Lane::measure_rates() {
    for (std::size_t i = 0; i < width_; ++i) {
        const double bytes = of_flow_.of[i] - of_flow_before_.of[i];
        flow_rates_[i] = Rate{std::llround(bytes * 8e9 / (kGridNs * kRateSteps))};
    }
    of_flow_before_ = of_flow_;
}

void Lane::offer(const LinePacket& packet) {
    totals_.offered += packet.bytes;
    ++held_packets_;
    if (direction_ == Direction::upload)
        leaf_.enqueue(packet);
    else
        delay(packet);
}

void Lane::delay(LinePacket packet) {
    const double jitter = jitter_ns_ > 0 ? random_.uniform() * jitter_ns_ : 0;
    packet.at = std::max(packet.at + nanos(base_ns_ + jitter), last_due_);
    last_due_ = packet.at;
    delayed_bytes_ += packet.bytes;
    delayed_.push_back(packet);
}

void Lane::deliver(const LinePacket& packet) {
    totals_.delivered += packet.bytes;
    --held_packets_;
    arrivals_.push_back({packet, true});
}

void Lane::book_drops(const StageOutput& out, Nanos at) {
    if (out.any_dropped) {
        for (std::size_t i = 0; i < width_; ++i) totals_.dropped += out.dropped.of[i];
    }
    for (auto packet : out.dropped_packets) {
        totals_.dropped += packet.bytes;
        --held_packets_;
        packet.at = at;
        arrivals_.push_back({packet, false});
    }
}

void Lane::report_lost(const BulkBytes& lost, double more_ns) {
    FeedbackRow* row = nullptr;
    for (std::size_t i = 0; i < width_; ++i) {
        if (lost.of[i] <= 0) continue;
        if (row == nullptr) {
            const bool told = way_back_ns_ && !blackout_;
            row = told ? &feedback_.seen(grid_, (more_ns + *way_back_ns_) / kGridNs) : &held_;
        }
        row->any = true;
        row->lost.of[i] += lost.of[i];
    }
}

void Lane::arrive(const BulkBytes& bulk) {
    FeedbackRow* row = nullptr;
    for (std::size_t i = 0; i < width_; ++i) {
        const double bytes = bulk.of[i];
        if (bytes <= 0) continue;
        if (row == nullptr) {
            row = way_back_ns_ ? &feedback_.arriving(grid_, *way_back_ns_ / kGridNs) : &held_;
            row->any = true;
        }
        row->acked.of[i] += bytes;
        row->rtt_ns.of[i] =
            fifo_.last_wait_ns() + leaf_.bulk_delay_ns(i) + way_back_ns_.value_or(kLongestDelayNs);
        of_flow_.of[i] += bytes;
        totals_.goodput += bytes;
        totals_.delivered += bytes;
    }
}

// A packet's worth of a flow at a time, as often as the ratio says.
void Lane::lose_some(StageOutput& out) {
    for (std::size_t i = 0; i < width_; ++i) {
        if (out.bulk.of[i] <= 0) continue;
        const double packets = std::floor(loss_ * out.bulk.of[i] / kWireBytes + random_.uniform());
        loss_debt_.of[i] += packets * kWireBytes;
        const double lost = std::min(loss_debt_.of[i], out.bulk.of[i]);
        loss_debt_.of[i] -= lost;
        out.bulk.of[i] -= lost;
        out.dropped.of[i] += lost;
        out.any_dropped = true;
    }
    std::erase_if(out.packets, [&](const LinePacket& packet) {
        const bool lost = random_.uniform() < loss_;
        if (lost) out.dropped_packets.push_back(packet);
        return lost;
    });
}

void Lane::enter_fifo(Nanos start, double step_ns, const BulkBytes& bulk,
                      std::vector<LinePacket>& packets) {
    passed_ = !blackout_ && packets.empty() && fifo_.pass(step_ns, capacity_, bulk, fifo_out_);
    if (passed_) return;
    if (blackout_) {
        fifo_out_.dropped = bulk;
        fifo_out_.any_dropped = true;
        fifo_out_.dropped_packets = packets;
    } else {
        fifo_.push(start, step_ns, bulk, packets, fifo_out_);
    }
    if (fifo_out_.any_dropped) report_lost(fifo_out_.dropped, fifo_delay_ns());
}

void Lane::leave_fifo(Nanos start, double step_ns) {
    if (blackout_) return;
    if (!passed_) fifo_.drain(start, step_ns, capacity_, fifo_out_);
    totals_.capacity += bytes_per_ns(capacity_) * step_ns;
    if (loss_ <= 0) return;
    const BulkBytes before = fifo_out_.dropped;
    lose_some(fifo_out_);
    BulkBytes lost;
    for (std::size_t i = 0; i < width_; ++i) lost.of[i] = fifo_out_.dropped.of[i] - before.of[i];
    report_lost(lost, 0);
}

void Lane::step(Nanos start, Nanos end) {
    const double step_ns = ns_of(end - start);
    const double part = step_ns / kGridNs;
    BulkBytes sent;
    for (std::size_t i = 0; i < width_; ++i) sent.of[i] = sending_.of[i] * part;
    leaf_out_.clear();
    fifo_out_.clear();
    entering_.clear();
    if (direction_ == Direction::download) {
        for (; !delayed_.empty() && delayed_.front().at <= end; delayed_.pop_front()) {
            delayed_bytes_ -= delayed_.front().bytes;
            entering_.push_back(delayed_.front());
        }
        enter_fifo(start, step_ns, sent, entering_);
        leave_fifo(start, step_ns);
        for (const auto& packet : fifo_out_.packets) leaf_.enqueue(packet);
        leaf_.step(start, step_ns, fifo_out_.bulk, leaf_out_);
        if (leaf_out_.any_dropped) report_lost(leaf_out_.dropped, 0);
        arrive(leaf_out_.bulk);
        for (const auto& packet : leaf_out_.packets) deliver(packet);
    } else {
        leaf_.step(start, step_ns, sent, leaf_out_);
        if (leaf_out_.any_dropped) report_lost(leaf_out_.dropped, fifo_delay_ns());
        auto& packets = leaf_out_.packets;
        const auto earlier = [](const auto& a, const auto& b) { return a.at < b.at; };
        std::stable_sort(packets.begin(), packets.end(), earlier);
        enter_fifo(start, step_ns, leaf_out_.bulk, packets);
        leave_fifo(start, step_ns);
        for (const auto& packet : fifo_out_.packets) delay(packet);
        arrive(fifo_out_.bulk);
        for (; !delayed_.empty() && delayed_.front().at <= end; delayed_.pop_front()) {
            delayed_bytes_ -= delayed_.front().bytes;
            deliver(delayed_.front());
        }
    }
    book_drops(leaf_out_, end);
    book_drops(fifo_out_, end);
}

void Lane::set_blackout(bool on, Nanos now) {
    blackout_ = on;
    if (!on) return;
    StageOutput out;
    fifo_.flush(out);
    report_lost(out.dropped, 0);
    book_drops(out, now);
}

Nanos Lane::next_due() const {
    return delayed_.empty() ? Nanos::max() : delayed_.front().at;
}

Nanos Lane::next_event(Nanos now) const {
    return std::min({next_due(), fifo_.next_packet(now, blackout_ ? Rate() : capacity_),
                     leaf_.next_packet(now)});
}

double Lane::fifo_delay_ns() const {
    const double backlog = fifo_.backlog();
    if (backlog <= 0) return 0;
    return capacity_.bps > 0 ? std::min(backlog * ns_per_byte_, kLongestDelayNs) : kLongestDelayNs;
}

double Lane::queueing_ns() const {
    return fifo_delay_ns() + kEchoBytes * ns_per_byte_ + leaf_.sparse_delay_ns(kEchoBytes);
}

DirectionFigures Lane::figures() const {
    DirectionFigures now;
    now.capacity = blackout_ ? Rate() : capacity_;
    now.max_limit = leaf_.max_limit();
    now.fifo_bytes = static_cast<std::uint64_t>(std::llround(std::max(fifo_.backlog(), 0.0)));
    now.fifo_delay = nanos(fifo_delay_ns());
    now.leaf_bytes = static_cast<std::uint64_t>(std::llround(std::max(leaf_.backlog(), 0.0)));
    now.queueing_delay = nanos(queueing_ns());
    now.one_way_delay = nanos(base_ns_ + queueing_ns());
    now.flows = active_;
    now.flow_rates = flow_rates_;
    return now;
}

DirectionBytes Lane::bytes() const {
    DirectionBytes all = totals_;
    all.queued = leaf_.backlog() + fifo_.backlog() + delayed_bytes_;
    return all;
}

}  // namespace wanctl::sim
