#include "tests/sim/line/router_queue.hpp"

#include <algorithm>
#include <cmath>

namespace wanctl::sim {

namespace {

constexpr double kRateTimeConstantNs = 1e9;
constexpr double kNothing = 1e-6;
// CoDel's next drop is never due this often within a step; a bound, not a policy.
constexpr int kMaxDropsPerStep = 64;

Nanos after(Nanos start, double ns) {
    return start + Nanos(std::llround(ns));
}

}  // namespace

double RouterQueue::burst_bytes() const {
    const double bits = static_cast<double>(max_limit_.bps) * bucket_size_.value;
    return std::max(bits / 8.0, kWireBytes);
}

void RouterQueue::set_limit(Rate max_limit, Ratio bucket_size) {
    const bool was_unlimited = max_limit_.bps <= 0;
    max_limit_ = max_limit;
    limit_speed_ = bytes_per_ns(max_limit);
    bucket_size_ = bucket_size;
    // A class that comes into being starts with a full bucket; a smaller bucket spills.
    tokens_ = was_unlimited ? burst_bytes() : std::min(tokens_, burst_bytes());
}

QueueCounters RouterQueue::counters() const {
    const auto whole = [](double v) {
        return static_cast<std::uint64_t>(std::llround(std::max(v, 0.0)));
    };
    QueueCounters counters;
    counters.bytes = whole(sent_bytes_);
    counters.packets = whole(sent_packets_);
    counters.dropped = whole(dropped_packets_);
    counters.queued_bytes = whole(backlog());
    double packets = std::ceil(bulk_bytes_ / kWireBytes) + static_cast<double>(sparse_.size());
    for (const auto& flow : flows_) packets += static_cast<double>(flow.packets.size());
    counters.queued_packets = whole(packets);
    counters.rate = Rate{std::llround(rate_bytes_per_ns_ * 8e9)};
    return counters;
}

void RouterQueue::reset_counters() {
    sent_bytes_ = 0;
    sent_packets_ = 0;
    dropped_packets_ = 0;
}

double RouterQueue::backlog() const {
    return bulk_bytes_ + packet_bytes_ + sparse_bytes_;
}

double RouterQueue::sparse_delay_ns(double bytes) const {
    const double wire = bytes / link_speed_;
    if (max_limit_.bps <= 0 || tokens_ >= bytes) return wire;
    const double wait = backlogged() ? kWireBytes / 2 : bytes - tokens_;
    return wire + wait / limit_speed_;
}

Nanos RouterQueue::next_packet(Nanos now) const {
    Nanos next = sparse_.empty() ? Nanos::max() : sparse_.front().leaves;
    const double flows = static_cast<double>(std::max<std::size_t>(active_flows(), 1));
    for (const auto& flow : flows_) {
        if (flow.packets.empty()) continue;
        const double left =
            std::max(flow.packets.front().bytes - flow.credit - std::max(tokens_, 0.0), 0.0);
        next = std::min(next, after(now, std::ceil(left * flows / speed())));
    }
    return next;
}

std::size_t RouterQueue::active_flows() const {
    std::size_t active = 0;
    for (std::size_t i = 0; i < width_; ++i) active += bulk_[i].bytes > kNothing;
    for (const auto& flow : flows_) active += !flow.packets.empty();
    return active;
}

RouterQueue::PacketFlow& RouterQueue::flow_of(std::uint64_t flow) {
    for (auto& known : flows_) {
        if (known.flow == flow) return known;
    }
    flows_.emplace_back().flow = flow;
    return flows_.back();
}

void RouterQueue::enqueue(const LinePacket& packet) {
    PacketFlow& flow = flow_of(packet.flow);
    if (flow.packets.empty() && packet.at >= flow.ahead_again) {
        flow.ahead_left = kWireBytes;
        const double round = static_cast<double>(active_flows()) * kWireBytes;
        const double fastest = speed();
        flow.ahead_again = after(packet.at, round / fastest);
    }
    if (flow.packets.empty() && flow.ahead_left >= packet.bytes) {
        flow.ahead_left -= packet.bytes;
        const double wire = packet.bytes / link_speed_;
        double wait = 0;
        if (max_limit_.bps > 0 && tokens_ < packet.bytes) {
            const double bytes =
                backlogged() ? random_.uniform() * kWireBytes : packet.bytes - tokens_;
            wait = bytes / limit_speed_;
        }
        Nanos leaves = after(packet.at, wait + wire);
        if (!sparse_.empty()) leaves = std::max(leaves, after(sparse_.back().leaves, wire));
        sparse_.push_back({packet, leaves});
        sparse_bytes_ += packet.bytes;
        return;
    }
    flow.packets.push_back(packet);
    flow.bytes += packet.bytes;
    packet_bytes_ += packet.bytes;
}

// The even share: every flow gets what it asks for, up to a level at which the budget is spent. It
// rises from the budget's even part, as what modest flows leave is shared among the greedy ones.
double RouterQueue::level(double budget) const {
    if (budget <= 0) return 0;
    double share = budget / static_cast<double>(std::max<std::size_t>(active_flows(), 1));
    while (true) {
        double content = 0;
        int greedy = 0;
        const auto ask = [&](double bytes) {
            if (bytes <= share)
                content += bytes;
            else
                ++greedy;
        };
        for (std::size_t i = 0; i < width_; ++i) ask(bulk_[i].bytes);
        for (const auto& flow : flows_) ask(flow.bytes - flow.credit);
        if (greedy == 0) return share;
        const double next = (budget - content) / greedy;
        if (next <= share * (1 + 1e-9)) return share;
        share = next;
    }
}

// When that many bytes of the step's service had left: at link speed while tokens last.
Nanos RouterQueue::time_of(const Service& service, double bytes) const {
    double ns = bytes / link_speed_;
    if (max_limit_.bps > 0) {
        ns = std::max(ns, (bytes - std::max(service.tokens, 0.0)) / limit_speed_);
    }
    return std::min(after(service.start, ns), service.end);
}

void RouterQueue::serve_sparse(Service& service, StageOutput& output) {
    while (!sparse_.empty() && sparse_.front().leaves <= service.end) {
        const double bytes = sparse_.front().packet.bytes;
        service.served += bytes;
        sparse_bytes_ -= bytes;
        count(bytes, 1);
        output.packets.push_back(sparse_.front().packet);
        output.packets.back().at = sparse_.front().leaves;
        sparse_.pop_front();
    }
    if (sparse_.empty()) sparse_bytes_ = 0;
}

void RouterQueue::serve_bulk(double share, double step_ns, Service& service, StageOutput& output) {
    const double fair =
        speed() * step_ns / static_cast<double>(std::max<std::size_t>(active_flows(), 1));
    double left = 0;
    for (std::size_t i = 0; i < width_; ++i) {
        BulkQueue& queue = bulk_[i];
        if (queue.bytes <= 0) {
            queue.sojourn_ns = 0;
            continue;
        }
        const double served = std::min(queue.bytes, share);
        queue.bytes -= served;
        // By the even share where less was served: a step may find the bucket all but empty.
        queue.sojourn_ns = queue.bytes / std::max(served, fair) * step_ns;
        if (queue.bytes < kNothing) queue.bytes = 0;
        output.bulk.of[i] = served;
        service.served += served;
        count(served, served / kWireBytes);
        for (int n = 0; n < kMaxDropsPerStep; ++n) {
            if (!queue.codel.should_drop(service.end, queue.sojourn_ns, queue.bytes)) break;
            const double lost = std::min(queue.bytes, kWireBytes);
            queue.bytes -= lost;
            output.dropped.of[i] += lost;
            output.any_dropped = true;
            dropped_packets_ += 1;
        }
        left += queue.bytes;
    }
    bulk_bytes_ = left;
}

void RouterQueue::send_packets(PacketFlow& flow, const Service& service, double before,
                               StageOutput& output) {
    const double total = flow.credit;
    double sent = 0;
    while (!flow.packets.empty() && total - sent >= flow.packets.front().bytes - kNothing) {
        LinePacket packet = flow.packets.front();
        const double wire = packet.bytes / link_speed_;
        flow.packets.pop_front();
        flow.bytes -= packet.bytes;
        packet_bytes_ -= packet.bytes;
        const double stood = static_cast<double>((service.end - packet.at).count());
        if (flow.codel.should_drop(service.end, stood, flow.bytes)) {
            dropped_packets_ += 1;
            output.dropped_packets.push_back(packet);
            continue;
        }
        sent += packet.bytes;
        packet.at = std::min(service.end,
                             std::max(time_of(service, before + sent), after(packet.at, wire)));
        count(packet.bytes, 1);
        output.packets.push_back(packet);
    }
    flow.credit = flow.packets.empty() ? 0 : total - sent;
    if (flow.packets.empty()) flow.bytes = 0;
}

void RouterQueue::serve_packets(double share, Service& service, StageOutput& output) {
    for (auto& flow : flows_) {
        if (flow.packets.empty()) continue;
        const double before = service.served;
        const double served = std::min(flow.bytes - flow.credit, share);
        flow.credit += served;
        service.served += served;
        send_packets(flow, service, before, output);
    }
    std::erase_if(flows_, [&service](const PacketFlow& flow) {
        return flow.packets.empty() && flow.ahead_again <= service.end;
    });
    if (packet_bytes_ < kNothing) packet_bytes_ = 0;
}

void RouterQueue::keep_memory(StageOutput& output) {
    while (bulk_bytes_ + packet_bytes_ > limits_.memory_bytes) {
        const auto longest = std::max_element(
            bulk_.begin(), bulk_.end(),
            [](const BulkQueue& a, const BulkQueue& b) { return a.bytes < b.bytes; });
        const auto flow = std::max_element(
            flows_.begin(), flows_.end(),
            [](const PacketFlow& a, const PacketFlow& b) { return a.bytes < b.bytes; });
        dropped_packets_ += 1;
        if (flow != flows_.end() && flow->bytes > longest->bytes) {
            output.dropped_packets.push_back(flow->packets.front());
            flow->bytes -= flow->packets.front().bytes;
            packet_bytes_ -= flow->packets.front().bytes;
            flow->packets.pop_front();
            flow->credit = 0;
            continue;
        }
        const double lost = std::min(longest->bytes, kWireBytes);
        longest->bytes -= lost;
        bulk_bytes_ -= lost;
        output.dropped.of[static_cast<std::size_t>(longest - bulk_.begin())] += lost;
        output.any_dropped = true;
    }
}

void RouterQueue::count(double bytes, double packets) {
    sent_bytes_ += bytes;
    sent_packets_ += packets;
}

void RouterQueue::smooth_rate(double step_ns, double served) {
    if (served <= 0 && rate_bytes_per_ns_ < 1e-9) return;
    const double weight = std::min(1.0, step_ns / kRateTimeConstantNs);
    rate_bytes_per_ns_ += (served / step_ns - rate_bytes_per_ns_) * weight;
}

// Where nothing stands and nothing will: what comes in goes out.
bool RouterQueue::pass(double budget, const BulkBytes& bulk, Service& service,
                       StageOutput& output) {
    if (!settled_ || backlogged() || !flows_.empty()) return false;
    double bytes = 0;
    for (std::size_t i = 0; i < width_; ++i) bytes += bulk.of[i];
    if (bytes > budget) return false;
    output.bulk = bulk;
    service.served += bytes;
    count(bytes, bytes / kWireBytes);
    return true;
}

void RouterQueue::step(Nanos start, double step_ns, const BulkBytes& bulk, StageOutput& output) {
    const double filled = limit_speed_ * step_ns;
    double budget = link_speed_ * step_ns;
    if (max_limit_.bps > 0) budget = std::min(budget, std::max(tokens_ + filled, 0.0));

    Service service{start, after(start, step_ns), tokens_, 0};
    serve_sparse(service, output);
    if (!pass(budget - service.served, bulk, service, output)) {
        for (std::size_t i = 0; i < width_; ++i) {
            bulk_[i].bytes += bulk.of[i];
            bulk_bytes_ += bulk.of[i];
        }
        const double share = level(budget - service.served);
        serve_bulk(share, step_ns, service, output);
        if (!flows_.empty()) serve_packets(share, service, output);
        if (bulk_bytes_ + packet_bytes_ > limits_.memory_bytes) keep_memory(output);
        settled_ = bulk_bytes_ <= 0;
    }
    if (max_limit_.bps > 0) tokens_ = std::min(burst_bytes(), tokens_ + filled - service.served);
    smooth_rate(step_ns, service.served);
}

}  // namespace wanctl::sim
