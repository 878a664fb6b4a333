#include "steering/sources/line_watch.hpp"

#include <unistd.h>

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "steering/sources/ring_waiter.hpp"

namespace wanctl::steering {

struct LineWatch::Impl {
    Impl(boost::asio::io_context& loop, const std::array<std::string, 2>& names,
         const std::vector<uid_t>& owners)
        : lines{LineSource(names[0], owners, [this] { leave(); }),
                LineSource(names[1], owners, [this] { leave(); })},
          bell(loop, waiter.fd()) {}
    // The waiter closes it.
    ~Impl() { bell.release(); }

    void leave() {
        waiter.disarm();
        armed = false;
    }

    void arm() {
        std::array<shm::Doorbell, 2> bells;
        std::size_t count = 0;
        for (const LineSource& line : lines) {
            if (const auto line_bell = line.bell()) bells[count++] = *line_bell;
        }
        waiter.arm(std::span(bells).first(count));
        armed = true;
    }

    void wait() {
        bell.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this](const boost::system::error_code& error) {
                            if (error) return;
                            waiter.acknowledge();
                            wait();
                            on_record();
                        });
    }

    std::array<LineSource, 2> lines;
    RingWaiter waiter;
    bool armed = false;
    bool running = false;
    std::function<void()> on_record;
    boost::asio::posix::stream_descriptor bell;
};

LineWatch::LineWatch(boost::asio::io_context& loop, const std::array<std::string, 2>& names,
                     const std::vector<uid_t>& owners)
    : impl_(std::make_unique<Impl>(loop, names, owners)) {}

LineWatch::~LineWatch() {
    stop();
}

void LineWatch::start(std::function<void()> on_record) {
    impl_->on_record = std::move(on_record);
    impl_->running = true;
    impl_->arm();
    impl_->wait();
}

void LineWatch::stop() {
    if (!std::exchange(impl_->running, false)) return;
    impl_->waiter.disarm();
    impl_->bell.cancel();
}

void LineWatch::look(SteadyTime now) {
    bool other_rings = false;
    for (LineSource& line : impl_->lines) other_rings = line.look(now) || other_rings;
    if (impl_->running && (other_rings || !impl_->armed)) impl_->arm();
}

LineSource& LineWatch::line(SteeredWan wan) {
    return impl_->lines[static_cast<std::size_t>(wan)];
}

}  // namespace wanctl::steering
