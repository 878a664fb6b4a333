// When the probe is woken: by its sockets, or at a time. Internal to icmp_probe.cpp, since it is
// made of Asio.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
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
    // The descriptors, one a family at most, stay the caller's.
    Wakeup(boost::asio::io_context& loop, std::span<const int> descriptors, IcmpProbe& owner)
        : timer_(loop), state_(std::make_shared<State>()) {
        state_->owner = &owner;
        for (const int number : descriptors) sockets_.emplace_back(number, loop);
    }
    ~Wakeup() {
        state_->owner = nullptr;
        unlisten();
    }
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    // One ready() for whatever is or becomes readable on the socket `index`; does nothing while one
    // is due. The error queue raises EPOLLERR, on which Asio completes every kind of wait: one
    // serves both queues. Starting a wait looks at the descriptor anew, so what was left unread
    // wakes again.
    void listen(std::size_t index) {
        auto& [number, descriptor] = sockets_[index];
        bool& waiting = state_->sockets[index].waiting;
        if (waiting && descriptor.is_open()) return;
        if (!descriptor.is_open()) descriptor.assign(number);
        waiting = true;
        descriptor.async_wait(Descriptor::wait_read, OnReady{state_, index});
    }
    // As long as the loop knows a descriptor, every packet wakes it, waited for or not.
    void unlisten() {
        for (auto& socket : sockets_) {
            if (socket.descriptor.is_open()) socket.descriptor.release();
        }
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

    struct Socket {
        Socket(int the_number, boost::asio::io_context& loop)
            : number(the_number), descriptor(loop) {}

        int number;
        Descriptor descriptor;
    };

    struct Waiting {
        bool waiting = false;
        WaitMemory memory;
    };

    struct State {
        IcmpProbe* owner = nullptr;
        std::array<Waiting, kFamilies> sockets;
        WaitMemory due_memory;
    };

    struct OnReady {
        using allocator_type = WaitAllocator<void>;

        std::shared_ptr<State> state;
        std::size_t index;

        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type(state->sockets[index].memory);
        }
        void operator()(const boost::system::error_code& failure) const {
            state->sockets[index].waiting = false;
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

    std::deque<Socket> sockets_;  // they cannot move
    Timer timer_;
    std::shared_ptr<State> state_;
};

}  // namespace wanctl::probe
