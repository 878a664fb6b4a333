#include "tests/sim/line/cubic.hpp"

#include <cmath>

#include "tests/sim/line/bulk.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

constexpr Nanos kRtt = std::chrono::milliseconds(100);
constexpr Nanos kStep = std::chrono::milliseconds(1);

// Acknowledges a window per RTT until `done` or ten minutes have passed.
template <typename Done>
void acknowledge(CubicFlow& flow, Nanos& now, Done done) {
    for (const Nanos end = now + std::chrono::minutes(10); !done() && now < end; now += kStep) {
        const double share = static_cast<double>(kStep.count()) / static_cast<double>(kRtt.count());
        flow.feedback(now, flow.cwnd() * kWireBytes * share, 0, 1e8);
    }
}

CubicFlow flow_at(double window, Nanos& now) {
    CubicFlow flow;
    flow.start(now, kRtt);
    acknowledge(flow, now, [&] { return flow.cwnd() >= window; });
    return flow;
}

}  // namespace

TEST_CASE("after a loss CUBIC needs K = cbrt(W_max (1 - beta) / C) to its old window") {
    Nanos now{0};
    CubicFlow flow = flow_at(200, now);
    const double w_max = flow.cwnd();
    const Nanos lost_at = now;
    flow.feedback(now, 0, kWireBytes, 1e8);
    const double k = std::cbrt(w_max * (1 - CubicFlow::kBeta) / CubicFlow::kC);
    CHECK(flow.cwnd() == Approx(CubicFlow::kBeta * w_max));
    CHECK(flow.k_seconds() == Approx(k));

    acknowledge(flow, now, [&] { return flow.cwnd() >= w_max * 0.999; });
    CHECK(to_seconds(now - lost_at) == Approx(k).epsilon(0.15));
}

TEST_CASE("a loss is answered once per RTT") {
    Nanos now{0};
    CubicFlow flow = flow_at(100, now);
    for (int i = 0; i < 50; ++i, now += kStep) flow.feedback(now, 0, kWireBytes, 1e8);
    CHECK(flow.reactions() == 1);
    now += kRtt;
    flow.feedback(now, 0, kWireBytes, 1e8);
    CHECK(flow.reactions() == 2);
}

TEST_CASE("a loss below the last W_max gives the window to others by fast convergence") {
    Nanos now{0};
    CubicFlow flow = flow_at(100, now);
    flow.feedback(now, 0, kWireBytes, 1e8);
    now += 2 * kRtt;
    const double smaller = flow.cwnd();
    flow.feedback(now, 0, kWireBytes, 1e8);
    CHECK(flow.w_max() == Approx(smaller * (1 + CubicFlow::kBeta) / 2));
}

TEST_CASE("slow start ends when the RTT rises, before anything is lost") {
    Nanos now{0};
    CubicFlow flow = flow_at(50, now);
    const double before = flow.cwnd();
    flow.feedback(now, kWireBytes, 0, 1.3e8);
    flow.feedback(now, kWireBytes, 0, 1.3e8);
    CHECK(flow.ssthresh() <= before + 2);
    CHECK(flow.reactions() == 0);
}

TEST_CASE("a flow without any acknowledgement starts again with one packet") {
    Nanos now{0};
    CubicFlow flow = flow_at(100, now);
    for (int i = 0; i < 3000; ++i, now += kStep) static_cast<void>(flow.send(now, 1e6));
    CHECK(flow.cwnd() == 1);
    CHECK(flow.reactions() >= 1);
}
