// When the probe is woken: by its socket, or at a time. Internal to icmp_probe.cpp, since it is
// made of Asio.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "autorate/probe/icmp_probe.hpp"
#include "common/loop/wait_memory.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

// Calls its owner's ready() and due(). What the pending operations need is shared with them: the
// loop may complete or destroy them after the owner is gone.
class Wakeup {
  public:
    // The descriptor stays the caller's.
    Wakeup(boost::asio::io_context& loop, int descriptor, IcmpProbe& owner)
        : number_(descriptor), descriptor_(loop), timer_(loop), state_(std::make_shared<State>()) {
        state_->owner = &owner;
    }
    ~Wakeup() {
        state_->owner = nullptr;
        unlisten();
    }
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    // One ready() for whatever is or becomes readable; does nothing while one is due. The error
    // queue raises EPOLLERR, on which Asio completes every kind of wait: one serves both queues.
    // Starting a wait looks at the descriptor anew, so what was left unread wakes again.
    void listen() {
        if (state_->waiting && descriptor_.is_open()) return;
        if (!descriptor_.is_open()) descriptor_.assign(number_);
        state_->waiting = true;
        descriptor_.async_wait(Descriptor::wait_read, OnReady{state_});
    }
    // As long as the loop knows the descriptor, every packet wakes it, waited for or not.
    void unlisten() {
        if (descriptor_.is_open()) descriptor_.release();
    }
    // One due() at `time`, instead of the one asked for before.
    void wake_at(SteadyTime time) {
        timer_.expires_at(time);
        timer_.async_wait(OnDue{state_});
    }

  private:
    using Executor = boost::asio::io_context::executor_type;
    using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
    using Timer = boost::asio::basic_waitable_timer<
        std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

    struct State {
        IcmpProbe* owner = nullptr;
        bool waiting = false;
        WaitMemory ready_memory;
        WaitMemory due_memory;
    };

    struct OnReady {
        using allocator_type = WaitAllocator<void>;

        std::shared_ptr<State> state;

        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type(state->ready_memory);
        }
        void operator()(const boost::system::error_code& failure) const {
            state->waiting = false;
            if (!failure && state->owner != nullptr) state->owner->ready();
        }
    };

    struct OnDue {
        using allocator_type = WaitAllocator<void>;

        std::shared_ptr<State> state;

        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type(state->due_memory);
        }
        void operator()(const boost::system::error_code& failure) const {
            if (!failure && state->owner != nullptr) state->owner->due();
        }
    };

    int number_;
    Descriptor descriptor_;
    Timer timer_;
    std::shared_ptr<State> state_;
};

}  // namespace wanctl::probe
