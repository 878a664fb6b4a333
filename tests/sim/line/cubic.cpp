#include "tests/sim/line/cubic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/sim/line/bulk.hpp"

namespace wanctl::sim {

namespace {

constexpr double kInitialWindow = 10.0;  // RFC 6928
constexpr double kMinTimeoutNs = 1e9;
constexpr double kMaxTimeoutNs = 60e9;
constexpr double kRenoGain = 3.0 * (1.0 - CubicFlow::kBeta) / (1.0 + CubicFlow::kBeta);

Nanos nanos(double ns) {
    return Nanos(static_cast<std::int64_t>(ns));
}

}  // namespace

void CubicFlow::start(Nanos now, Nanos rtt) {
    const double old = written_off_ + inflight_;
    *this = CubicFlow();
    written_off_ = old;
    active_ = true;
    cwnd_ = kInitialWindow;
    ssthresh_ = std::numeric_limits<double>::infinity();
    rtt_ns_ = static_cast<double>(rtt.count());
    min_rtt_ns_ = std::numeric_limits<double>::infinity();
    last_ack_ = now;
    deaf_until_ = now;
    timeout_ns_ = std::max(kMinTimeoutNs, 2 * rtt_ns_);
}

void CubicFlow::enter_avoidance(Nanos now) {
    slow_start_ = false;
    epoch_ = now;
    w_est_ = cwnd_;
}

void CubicFlow::react(Nanos now) {
    ++reactions_;
    prior_ = cwnd_;
    w_max_ = cwnd_ < w_max_ ? cwnd_ * (1.0 + kBeta) / 2.0 : cwnd_;
    cwnd_ = std::max(cwnd_ * kBeta, 2.0);
    ssthresh_ = cwnd_;
    k_ = std::cbrt(std::max(w_max_ - cwnd_, 0.0) / kC);
    deaf_until_ = now + nanos(rtt_ns_);
    enter_avoidance(now);
}

void CubicFlow::grow(Nanos now, double acked_packets) {
    if (slow_start_) {
        cwnd_ += acked_packets;
        if (cwnd_ >= ssthresh_) {
            cwnd_ = ssthresh_;
            enter_avoidance(now);
            k_ = w_max_ > cwnd_ ? std::cbrt((w_max_ - cwnd_) / kC) : 0.0;
            w_max_ = std::max(w_max_, cwnd_);
        }
        return;
    }
    const double t = static_cast<double>((now - epoch_).count()) * 1e-9;
    const auto curve = [this](double at) {
        const double x = at - k_;
        return kC * x * x * x + w_max_;
    };
    const double share = acked_packets / cwnd_;
    w_est_ += (w_est_ < prior_ ? kRenoGain : 1.0) * share;
    const double target = std::clamp(curve(t + rtt_ns_ * 1e-9), cwnd_, 1.5 * cwnd_);
    cwnd_ += (target - cwnd_) * share;
    if (w_est_ > cwnd_ && curve(t) < w_est_) cwnd_ = w_est_;
}

void CubicFlow::feedback(Nanos now, double acked_bytes, double lost_bytes, double rtt_ns) {
    const double old = std::min(written_off_, acked_bytes + lost_bytes);
    if (old > 0) {
        written_off_ -= old;
        const double left = 1.0 - old / (acked_bytes + lost_bytes);
        acked_bytes *= left;
        lost_bytes *= left;
    }
    inflight_ = std::max(0.0, inflight_ - acked_bytes - lost_bytes);
    if (acked_bytes > 0) {
        last_ack_ = now;
        // Settles within a quarter of a window of acknowledgements, as an EWMA of 1/8 a packet does
        // with the windows of 30 and more packets that bulk flows have.
        rtt_ns_ += (rtt_ns - rtt_ns_) * std::min(1.0, 4.0 * acked_bytes / (cwnd_ * kWireBytes));
        min_rtt_ns_ = std::min(min_rtt_ns_, rtt_ns);
        timeout_ns_ = std::max(kMinTimeoutNs, 2 * rtt_ns_);
        if (slow_start_ && !std::isfinite(ssthresh_) && cwnd_ >= 16 &&
            rtt_ns > min_rtt_ns_ + std::clamp(min_rtt_ns_ / 8, 4e6, 16e6)) {
            ssthresh_ = cwnd_;
            w_max_ = cwnd_;
            k_ = 0;
            enter_avoidance(now);
        }
        grow(now, acked_bytes / kWireBytes);
    }
    if (lost_bytes > 0 && now >= deaf_until_) react(now);
}

void CubicFlow::check_timeout(Nanos now) {
    if (inflight_ <= 0) {
        last_ack_ = now;
        return;
    }
    if (static_cast<double>((now - last_ack_).count()) < timeout_ns_) return;
    ++reactions_;
    ssthresh_ = std::max(cwnd_ * kBeta, 2.0);
    w_max_ = std::max(cwnd_, 2.0);
    prior_ = cwnd_;
    cwnd_ = 1;
    written_off_ += inflight_;
    inflight_ = 0;
    slow_start_ = true;
    last_ack_ = now;
    deaf_until_ = now + nanos(rtt_ns_);
    timeout_ns_ = std::min(kMaxTimeoutNs, 2 * timeout_ns_);
}

double CubicFlow::send(Nanos now, double step_ns) {
    if (!active_) return 0;
    check_timeout(now);
    const double window = cwnd_ * kWireBytes;
    const double room = window - inflight_;
    if (room <= 0) return 0;
    const double pace = (slow_start_ ? 2.0 : 1.25) * window * step_ns / rtt_ns_;
    const double sent = std::min(room, std::max(pace, 1.0));
    inflight_ += sent;
    return sent;
}

}  // namespace wanctl::sim
