// A bulk flow's sender: CUBIC as a fluid. The equations are those of RFC 9438 with C = 0.4 and
// beta = 0.7, W in packets and t in seconds:
//   W_cubic(t) = C (t - K)^3 + W_max,  K = cbrt((W_max - cwnd_epoch) / C)               (4.2)
//   on a loss: W_max = cwnd, or cwnd (1 + beta) / 2 when cwnd is below the last W_max (fast
//   convergence, 4.7); ssthresh = cwnd = max(beta cwnd, 2)                              (4.6)
//   per acknowledged packet: cwnd += (target - cwnd) / cwnd, target = W_cubic(t + RTT) held
//   within [cwnd, 1.5 cwnd]                                                            (4.4)
//   W_est += a acked / cwnd, a = 3 (1 - beta) / (1 + beta) and 1 beyond the window before the
//   loss; cwnd is never below W_est while W_cubic is                                    (4.3)
// Slow start adds what is acknowledged (RFC 5681, 3.1) and ends at a loss or as soon as the RTT
// exceeds its minimum by clamp(min / 8, 4 ms, 16 ms) (RFC 9406, 4.2, without its cautious phase). A
// loss is answered once per RTT. Without any acknowledgement for the retransmission time (RFC 6298
// in spirit: twice the RTT, at least 1 s, doubling) everything in flight counts as lost. Sending
// is paced: at most 2 windows an RTT in slow start, 1.25 after it.
#pragma once

#include <cstdint>

#include "common/units.hpp"

namespace wanctl::sim {

class CubicFlow {
  public:
    static constexpr double kC = 0.4;
    static constexpr double kBeta = 0.7;

    // Starts to send at `now`. `rtt` is what it believes until it has measured.
    void start(Nanos now, Nanos rtt);
    void stop() { active_ = false; }

    // Feedback of one step, all at `now`: bytes acknowledged, bytes lost, and the RTT (ns) of the
    // acknowledged ones. Each byte sent must come back exactly once, as one or the other.
    void feedback(Nanos now, double acked_bytes, double lost_bytes, double rtt_ns);
    // Bytes it sends within the step of `step_ns` that begins now.
    [[nodiscard]] double send(Nanos now, double step_ns);

    [[nodiscard]] bool active() const { return active_; }
    [[nodiscard]] double cwnd() const { return cwnd_; }
    [[nodiscard]] double ssthresh() const { return ssthresh_; }
    [[nodiscard]] double w_max() const { return w_max_; }
    [[nodiscard]] double k_seconds() const { return k_; }
    [[nodiscard]] std::uint64_t reactions() const { return reactions_; }

  private:
    void enter_avoidance(Nanos now);
    void react(Nanos now);
    void grow(Nanos now, double acked_packets);
    void check_timeout(Nanos now);

    bool active_ = false;
    bool slow_start_ = true;
    double cwnd_ = 0;  // packets
    double ssthresh_ = 0;
    double w_max_ = 0;
    double w_est_ = 0;
    double prior_ = 0;        // the window before the last reduction
    double k_ = 0;            // seconds
    double inflight_ = 0;     // bytes
    double written_off_ = 0;  // bytes given up by a timeout whose feedback is still to come
    double rtt_ns_ = 0;       // smoothed
    double min_rtt_ns_ = 0;
    Nanos epoch_{0};
    Nanos deaf_until_{0};  // losses up to here belong to the reduction already made
    Nanos last_ack_{0};
    double timeout_ns_ = 0;
    std::uint64_t reactions_ = 0;
};

}  // namespace wanctl::sim
