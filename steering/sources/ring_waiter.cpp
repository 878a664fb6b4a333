#include "steering/sources/ring_waiter.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "shm/atomics.hpp"

namespace wanctl::steering {

namespace {

// Nothing is lost without it; it bounds what an unknown fault could cost.
constexpr Nanos kLongestSleep = std::chrono::seconds(10);

Fd new_event() {
    Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) throw std::system_error(errno, std::generic_category(), "eventfd");
    return event;
}

}  // namespace

RingWaiter::RingWaiter() : event_(new_event()), thread_([this] { run(); }) {}

RingWaiter::~RingWaiter() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
        wake();
    }
    thread_.join();
}

void RingWaiter::acknowledge() {
    eventfd_t count = 0;
    // EAGAIN: it had not rung.
    static_cast<void>(::eventfd_read(event_.get(), &count));
}

void RingWaiter::arm(std::span<const shm::Doorbell> bells) {
    const std::scoped_lock lock(mutex_);
    bell_count_ = std::min(bells.size(), kMaxBells);
    std::copy_n(bells.begin(), bell_count_, bells_.begin());
    wake();
}

void RingWaiter::disarm() {
    std::unique_lock lock(mutex_);
    bell_count_ = 0;
    wake();
    idle_.wait(lock, [&] { return !waiting_; });
}

// With the mutex held.
void RingWaiter::wake() {
    const std::atomic_ref<std::uint32_t> control(control_);
    control.store(control.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    shm::wake_doorbell(&control_);
}

void RingWaiter::run() {
    std::array<shm::Doorbell, kMaxBells + 1> words{};
    std::unique_lock lock(mutex_);
    while (!ending_) {
        const std::size_t count = bell_count_;
        const std::uint32_t seen = std::atomic_ref(control_).load(std::memory_order_acquire);
        words[0] = {&control_, seen};
        std::copy_n(bells_.begin(), count, words.begin() + 1);
        waiting_ = count > 0;
        lock.unlock();
        const shm::WaitResult result =
            shm::wait_any(std::span(words).first(count + 1), kLongestSleep);
        lock.lock();
        waiting_ = false;
        idle_.notify_all();
        const bool told = std::atomic_ref(control_).load(std::memory_order_acquire) != seen;
        if (told || result != shm::WaitResult::rung) continue;
        // Taken before the owner is told: what rings after this wakes again, what rang before it is
        // there when the owner looks.
        for (shm::Doorbell& bell : std::span(bells_).first(bell_count_)) {
            bell.seen = shm::MappedAtomics::load_acquire(*bell.word);
        }
        static_cast<void>(::eventfd_write(event_.get(), 1));
    }
}

}  // namespace wanctl::steering
