// Steering's ring waiter: one thread that sleeps on several doorbells and tells an event loop, by a
// file descriptor, that one of them rang. It reads no record and touches no state.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>

#include "common/fd.hpp"
#include "shm/wait.hpp"

namespace wanctl::steering {

// Armed once for the rings that are attached, it tells of every bell from then on: several rings
// before the owner looks are told once. Before a segment is unmapped the owner calls disarm().
class RingWaiter {
  public:
    static constexpr std::size_t kMaxBells = 4;

    // Throws std::system_error when the system refuses an eventfd or a thread.
    RingWaiter();
    // Ends the thread, at once.
    ~RingWaiter();
    RingWaiter(const RingWaiter&) = delete;
    RingWaiter& operator=(const RingWaiter&) = delete;

    // Readable once a bell has rung; acknowledge() makes it unreadable again.
    [[nodiscard]] int fd() const { return event_.get(); }
    void acknowledge();

    // At most kMaxBells; replaces those before.
    void arm(std::span<const shm::Doorbell> bells);
    // Returns when no word of the bells is looked at any more.
    void disarm();

  private:
    void run();
    void wake();

    Fd event_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::array<shm::Doorbell, kMaxBells> bells_{};
    std::size_t bell_count_ = 0;
    bool waiting_ = false;  // the thread looks at the bells
    bool ending_ = false;
    std::uint32_t control_ = 0;  // a doorbell of the waiter's own: rung by arm, disarm and the end
    std::thread thread_;
};

}  // namespace wanctl::steering
