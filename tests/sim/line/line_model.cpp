#include "tests/sim/line/line_model.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/sim/line/lane.hpp"

namespace wanctl::sim {

namespace {

constexpr Nanos kSample = std::chrono::milliseconds(10);
constexpr Nanos kLongestSleep = std::chrono::milliseconds(2);
constexpr Nanos kShortestSleep = std::chrono::microseconds(1);

void check(const LineSpec& spec) {
    for (const auto& flows : spec.flows) {
        if (flows.size() > kMaxFlows)
            throw std::invalid_argument("a line has at most 8 bulk flows a direction");
    }
    if (spec.fifo < Nanos(0) || spec.base_rtt < Nanos(0) || spec.jitter < Nanos(0) ||
        spec.loss.value < 0 || spec.loss.value > 1 || spec.link.bps <= 0) {
        throw std::invalid_argument("a line's times are not negative, its loss is within 0..1");
    }
}

}  // namespace

class LineModel::Impl {
  public:
    Impl(LineSpec given, SteadyTime start)
        : spec_(std::move(given)),
          start_(start),
          cursor_(spec_.capacity),
          lanes_{Lane(Direction::download, spec_, spec_.seed * 1000),
                 Lane(Direction::upload, spec_, spec_.seed * 1000 + 500)} {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void advance(Nanos to) {
        while (now_ < to) {
            if (now_ == next_grid_) tick();
            Nanos next = std::min(to, next_grid_);
            for (const auto& lane : lanes_) {
                if (lane.next_due() > now_) next = std::min(next, lane.next_due());
            }
            for (auto& lane : lanes_) lane.step(now_, next);
            now_ = next;
        }
    }
    [[nodiscard]] Nanos since(SteadyTime time) const { return time - start_; }
    [[nodiscard]] Lane& lane(Direction direction) {
        return lanes_[static_cast<std::size_t>(direction)];
    }

    void set_blackout(bool on) {
        blackout_ = on;
        for (auto& lane : lanes_) lane.set_blackout(on, now_);
    }
    void reset_figures() {
        verdict_ = {};
        for (std::size_t i = 0; i < 2; ++i) before_[i] = lanes_[i].totals();
    }
    const LineVerdict& verdict() {
        for (std::size_t i = 0; i < 2; ++i) {
            verdict_.goodput_bytes[i] = lanes_[i].totals().goodput - before_[i].goodput;
            verdict_.capacity_bytes[i] = lanes_[i].totals().capacity - before_[i].capacity;
        }
        return verdict_;
    }

    LineSpec spec_;
    SteadyTime start_;
    Nanos now_{0};
    Nanos next_grid_{0};
    CapacityCursor cursor_;
    std::array<Lane, 2> lanes_;
    std::array<std::optional<Rate>, 2> override_;
    bool blackout_ = false;
    LineVerdict verdict_;
    std::array<DirectionBytes, 2> before_{};

  private:
    // What an acknowledgement of the lane needs: the base RTT and the other direction's queues.
    [[nodiscard]] std::optional<double> way_back(const Lane& other) const {
        if (blackout_ || other.capacity().bps <= 0) return std::nullopt;
        return static_cast<double>(spec_.base_rtt.count()) + other.queueing_ns();
    }
    void tick() {
        const CapacityPoint& point = cursor_.at(now_);
        lanes_[0].set_capacity(override_[0].value_or(point.download));
        lanes_[1].set_capacity(override_[1].value_or(point.upload));
        const auto down = way_back(lanes_[1]);
        const auto up = way_back(lanes_[0]);
        lanes_[0].tick(now_, down);
        lanes_[1].tick(now_, up);
        if (now_ % kSample == Nanos(0) && (lanes_[0].any_active() || lanes_[1].any_active())) {
            const double ns = lanes_[0].queueing_ns() + lanes_[1].queueing_ns();
            const Nanos queueing(static_cast<std::int64_t>(ns));
            verdict_.queueing.add(queueing);
            verdict_.rtt.add(spec_.base_rtt + queueing);
        }
        next_grid_ += kGrid;
    }
};

LineModel::LineModel(LineSpec spec, SteadyTime start) {
    check(spec);
    impl_ = std::make_unique<Impl>(std::move(spec), start);
}
LineModel::~LineModel() = default;
LineModel::LineModel(LineModel&&) noexcept = default;
LineModel& LineModel::operator=(LineModel&&) noexcept = default;

void LineModel::advance(SteadyTime to) {
    impl_->advance(impl_->since(to));
}
SteadyTime LineModel::now() const {
    return impl_->start_ + impl_->now_;
}
QueuePort& LineModel::port(Direction direction) {
    return impl_->lane(direction).leaf();
}

void LineModel::offer(Direction direction, const PacketOffer& packet, SteadyTime now) {
    advance(now);
    impl_->lane(direction).offer(
        {packet.tag, packet.flow, static_cast<double>(packet.bytes), impl_->now_});
}

std::vector<Delivery> LineModel::take_deliveries() {
    std::vector<Delivery> all;
    for (const Direction direction : {Direction::download, Direction::upload}) {
        auto& arrivals = impl_->lane(direction).arrivals();
        for (const auto& arrival : arrivals) {
            all.push_back({direction, arrival.packet.tag, impl_->start_ + arrival.packet.at,
                           arrival.delivered});
        }
        arrivals.clear();
    }
    return all;
}

std::optional<SteadyTime> LineModel::next_event() const {
    Nanos next = Nanos::max();
    bool any = false;
    for (const auto& lane : impl_->lanes_) {
        next = std::min(next, lane.next_event(impl_->now_));
        any = any || lane.holds_packets();
    }
    if (!any) return std::nullopt;
    next = std::clamp(next, impl_->now_ + kShortestSleep, impl_->now_ + kLongestSleep);
    return impl_->start_ + next;
}

DirectionFigures LineModel::figures(Direction direction) const {
    return impl_->lane(direction).figures();
}
DirectionBytes LineModel::bytes(Direction direction) const {
    return impl_->lane(direction).bytes();
}
std::uint64_t LineModel::goodput(Direction direction) const {
    return static_cast<std::uint64_t>(impl_->lane(direction).totals().goodput);
}
const LineVerdict& LineModel::verdict() const {
    return impl_->verdict();
}
void LineModel::reset_figures() {
    impl_->reset_figures();
}

void LineModel::set_blackout(bool on) {
    impl_->set_blackout(on);
}
void LineModel::set_loss(Ratio loss) {
    for (auto& lane : impl_->lanes_) lane.set_loss(loss);
}
void LineModel::set_base_rtt(Nanos base_rtt) {
    impl_->spec_.base_rtt = std::max(base_rtt, Nanos(0));
    for (auto& lane : impl_->lanes_) lane.set_base_rtt(impl_->spec_.base_rtt);
}
void LineModel::set_capacity(Direction direction, std::optional<Rate> capacity) {
    impl_->override_[static_cast<std::size_t>(direction)] = capacity;
}
void LineModel::set_flows(Direction direction, std::size_t count) {
    impl_->lane(direction).set_flows(count, impl_->now_);
}
const LineSpec& LineModel::spec() const {
    return impl_->spec_;
}
bool LineModel::blackout() const {
    return impl_->blackout_;
}

}  // namespace wanctl::sim
