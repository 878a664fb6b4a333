#include "common/loop/daemon_signals.hpp"

#include <csignal>

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace wanctl {

namespace {

StopSignal stop_signal(int number) {
    if (number == SIGTERM) return {"SIGTERM"};
    if (number == SIGINT) return {"SIGINT"};
    return {"SIGUSR2", true};
}

}  // namespace

struct DaemonSignals::Impl {
    explicit Impl(boost::asio::io_context& the_loop)
        : loop(the_loop), set(the_loop, SIGTERM, SIGINT, SIGHUP) {
        set.add(SIGUSR2);
        std::signal(SIGPIPE, SIG_IGN);
    }

    void wait() {
        set.async_wait([this](const boost::system::error_code& error, int number) {
            if (error) return;
            wait();
            take(number);
        });
    }

    void take(int number) {
        if (number == SIGHUP) {
            if (!stopping) reload();
        } else if (std::exchange(stopping, true)) {
            loop.stop();
        } else {
            stop(stop_signal(number));
        }
    }

    boost::asio::io_context& loop;
    boost::asio::signal_set set;
    std::function<void()> reload;
    std::function<void(const StopSignal&)> stop;
    bool stopping = false;
};

DaemonSignals::DaemonSignals(boost::asio::io_context& loop) : impl_(std::make_unique<Impl>(loop)) {}

DaemonSignals::~DaemonSignals() = default;

void DaemonSignals::listen(std::function<void()> reload,
                           std::function<void(const StopSignal&)> stop) {
    impl_->reload = std::move(reload);
    impl_->stop = std::move(stop);
    impl_->wait();
}

}  // namespace wanctl
