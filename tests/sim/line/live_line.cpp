#include <utility>

#include "tests/sim/line/live_line.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <boost/asio/steady_timer.hpp>

namespace wanctl::sim {

namespace {

// Without a packet in the line the model follows the clock this often, so that a packet that comes
// never waits for much arithmetic.
constexpr Nanos kIdle = std::chrono::milliseconds(10);

}  // namespace

struct LiveLine::Impl {
    class Port final : public QueuePort {
      public:
        Port(Impl& owner, Direction direction) : owner_(&owner), direction_(direction) {}
        void set_limit(Rate max_limit, Ratio bucket_size) override {
            port().set_limit(max_limit, bucket_size);
        }
        [[nodiscard]] QueueCounters counters() const override { return port().counters(); }
        void reset_counters() override { port().reset_counters(); }

      private:
        [[nodiscard]] QueuePort& port() const {
            owner_->catch_up();
            return owner_->model.port(direction_);
        }
        Impl* owner_;
        Direction direction_;
    };

    Impl(boost::asio::io_context& io, const Clock& given, LineSpec spec)
        : clock(&given), model(std::move(spec), given.steady()), timer(io) {
        arm();
    }

    void catch_up() {
        model.advance(clock->steady());
        hand_out();
    }
    void hand_out() {
        auto due = model.take_deliveries();
        const auto earlier = [](const Delivery& a, const Delivery& b) { return a.at < b.at; };
        std::stable_sort(due.begin(), due.end(), earlier);
        if (!sink) return;
        for (const auto& delivery : due) sink(delivery);
    }
    void arm() {
        const SteadyTime idle = model.now() + kIdle;
        wake = std::min(model.next_event().value_or(idle), idle);
        timer.expires_at(wake);
        timer.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            catch_up();
            arm();
        });
    }

    const Clock* clock;
    LineModel model;
    boost::asio::steady_timer timer;
    SteadyTime wake;
    Sink sink;
    std::array<Port, 2> ports{Port(*this, Direction::download), Port(*this, Direction::upload)};
};

LiveLine::LiveLine(boost::asio::io_context& io, const Clock& clock, LineSpec spec)
    : impl_(std::make_unique<Impl>(io, clock, std::move(spec))) {}
LiveLine::~LiveLine() = default;

LineModel& LiveLine::model() {
    impl_->catch_up();
    return impl_->model;
}

QueuePort& LiveLine::port(Direction direction) {
    return impl_->ports[static_cast<std::size_t>(direction)];
}

void LiveLine::set_sink(Sink sink) {
    impl_->sink = std::move(sink);
}

void LiveLine::offer(Direction direction, const PacketOffer& packet) {
    impl_->model.offer(direction, packet, impl_->clock->steady());
    impl_->hand_out();
    const auto next = impl_->model.next_event();
    if (next && *next < impl_->wake) impl_->arm();
}

}  // namespace wanctl::sim
