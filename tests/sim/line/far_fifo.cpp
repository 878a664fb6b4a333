#include "tests/sim/line/far_fifo.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace wanctl::sim {

namespace {

// Less than this is rounding.
constexpr double kNothing = 1e-6;
// Positions are sums of an hour and more; a thousandth of a byte is within their rounding.
constexpr double kPositionSlack = 1e-3;

Nanos after(Nanos start, double ns) {
    return start + Nanos(std::llround(ns));
}

}  // namespace

FarFifo::Chunk& FarFifo::push_chunk() {
    if (count_ == ring_.size()) {
        std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(head_), ring_.end());
        head_ = 0;
        ring_.resize(2 * ring_.size());
    }
    return ring_[(head_ + count_++) & (ring_.size() - 1)];
}

// Takes the excess from arriving flows at random, by their share of this step, a packet at a time.
void FarFifo::drop_excess(Chunk& chunk, double& fluid, StageOutput& output) {
    while (backlog() + fluid > limit_ && fluid > kNothing) {
        double pick = random_.uniform() * fluid;
        std::size_t flow = 0;
        for (std::size_t i = 0; i < width_; ++i) {
            if (chunk.bulk.of[i] <= 0) continue;
            flow = i;
            pick -= chunk.bulk.of[i];
            if (pick < 0) break;
        }
        const double lost = std::min(kWireBytes, chunk.bulk.of[flow]);
        if (lost <= 0) break;
        chunk.bulk.of[flow] -= lost;
        output.dropped.of[flow] += lost;
        output.any_dropped = true;
        fluid -= lost;
    }
}

void FarFifo::push(Nanos start, double step_ns, const BulkBytes& bulk,
                   const std::vector<LinePacket>& packets, StageOutput& output) {
    double fluid = 0;
    for (std::size_t i = 0; i < width_; ++i) fluid += bulk.of[i];
    if (fluid <= 0 && packets.empty()) return;
    Chunk& chunk = push_chunk();
    chunk = {start, 0, 0, 0, bulk};
    if (backlog() + fluid > limit_) drop_excess(chunk, fluid, output);
    fluid = std::max(fluid, 0.0);
    fluid_ += fluid;
    chunk.length = fluid;
    chunk.fluid = fluid;
    for (const auto& packet : packets) {
        if (backlog() + packet.bytes > limit_) {
            output.dropped_packets.push_back(packet);
            continue;
        }
        const double into =
            static_cast<double>((packet.at - start).count()) / std::max(step_ns, 1.0);
        const double before = chunk.length - fluid * (1.0 - std::clamp(into, 0.0, 1.0));
        packet_bytes_ += packet.bytes;
        chunk.length += packet.bytes;
        packets_.push_back({packet, entered_ + before + packet.bytes});
    }
    entered_ += chunk.length;
    chunk.left = chunk.length;
    if (chunk.length <= 0) --count_;
}

double FarFifo::take(Nanos end, double bytes, StageOutput& output) {
    double taken = 0;
    while (count_ > 0 && taken < bytes) {
        Chunk& chunk = ring_[head_];
        const bool whole = chunk.left <= bytes - taken + kNothing;
        const double part = whole ? chunk.left : bytes - taken;
        const double share = part / chunk.length;
        // All of them: a loop of fixed length is done in pairs by the processor.
        for (std::size_t i = 0; i < kMaxFlows; ++i) output.bulk.of[i] += chunk.bulk.of[i] * share;
        fluid_ -= chunk.fluid * share;
        last_wait_ns_ = static_cast<double>(std::max(end - chunk.at, Nanos(0)).count());
        taken += part;
        chunk.left -= part;
        if (whole) {
            head_ = (head_ + 1) & (ring_.size() - 1);
            --count_;
        }
    }
    if (count_ == 0) fluid_ = 0;
    return taken;
}

void FarFifo::drain(Nanos start, double step_ns, Rate capacity, StageOutput& output) {
    if ((count_ == 0 && packets_.empty()) || capacity.bps <= 0) return;
    const double speed = bytes_per_ns(capacity);
    const Nanos end = after(start, step_ns);
    const double before = left_;
    left_ += take(end, speed * step_ns, output);
    if (count_ == 0) left_ = entered_;
    while (!packets_.empty()) {
        const auto& first = packets_.front();
        if (first.end > left_ + kPositionSlack) break;
        const Nanos reached = after(start, (first.end - before) / speed);
        const Nanos leaves = std::max(reached, after(first.packet.at, first.packet.bytes / speed));
        if (leaves > end) break;
        output.packets.push_back(first.packet);
        output.packets.back().at = leaves;
        packet_bytes_ -= first.packet.bytes;
        packets_.pop_front();
    }
}

bool FarFifo::pass(double step_ns, Rate capacity, const BulkBytes& bulk, StageOutput& output) {
    if (count_ > 0 || !packets_.empty()) return false;
    double fluid = 0;
    for (std::size_t i = 0; i < width_; ++i) fluid += bulk.of[i];
    if (fluid > bytes_per_ns(capacity) * step_ns || fluid > limit_) return false;
    output.bulk = bulk;
    last_wait_ns_ = 0;
    return true;
}

void FarFifo::flush(StageOutput& output) {
    for (; count_ > 0; --count_, head_ = (head_ + 1) & (ring_.size() - 1)) {
        const Chunk& chunk = ring_[head_];
        for (std::size_t i = 0; i < width_; ++i) {
            output.dropped.of[i] += chunk.bulk.of[i] * chunk.left / chunk.length;
            output.any_dropped = true;
        }
    }
    for (const auto& standing : packets_) output.dropped_packets.push_back(standing.packet);
    packets_.clear();
    left_ = entered_;
    fluid_ = 0;
    packet_bytes_ = 0;
}

Nanos FarFifo::next_packet(Nanos now, Rate capacity) const {
    if (packets_.empty() || capacity.bps <= 0) return Nanos::max();
    const auto& first = packets_.front();
    const double speed = bytes_per_ns(capacity);
    const Nanos reached =
        now + Nanos(static_cast<std::int64_t>(std::ceil(std::max(first.end - left_, 0.0) / speed)));
    return std::max(reached, after(first.packet.at, first.packet.bytes / speed));
}

}  // namespace wanctl::sim
