// The store of a daemon's history: one thread that follows the daemon's records by itself. The
// daemon's loop tells it only of its start, its end and what else happens seldom.
#pragma once

#include <functional>
#include <memory>

#include "common/history/recorder.hpp"

namespace wanctl::history {

class Store {
  public:
    // What waits for the thread; one more is dropped and counted.
    static constexpr std::size_t kMostEvents = 64;
    // How long after end_soon() the thread goes on with a file that cannot be written, that of the
    // store before it included.
    static constexpr Nanos kLastPatience = std::chrono::seconds(2);

    // Called by the store's thread after each turn, and at its end with the state `off`, or
    // `opening` when another store takes its place.
    using Watch = std::function<void(const StoreFigures&)>;

    struct Source {
        std::unique_ptr<Feed> feed;
        Watch watch;
        // The store whose place it takes: it is told to end, and the thread waits for that first.
        std::unique_ptr<Store> before;
    };

    // Starts the thread; throws std::system_error when there is none to be had. Clock and log
    // outlive the store. No signal is delivered to the thread.
    Store(const RecorderOptions& options, Source source, const Clock& clock, Log& log);
    // As stop().
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // From the loop; never waits for the file.
    void tell(Event event);
    // The thread begins to end; nobody waits.
    void end_soon();
    // Stores what is left, closes the file and ends the thread. The feed's records must all be
    // there. Waits for a slow disk, and up to kLastPatience for a locked file.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wanctl::history
