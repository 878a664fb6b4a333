// What a daemon is told by signals, on its loop.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace wanctl {

// The signal that ends a daemon.
struct StopSignal {
    std::string_view name;
    bool keep = false;  // SIGUSR2: the router keeps what it has, whatever is configured for the end
};

// SIGHUP reloads; SIGTERM, SIGINT and SIGUSR2 stop. The second of those waits for nothing any more:
// it ends the loop's run. SIGPIPE is ignored: a reader of the log or a peer that goes away is an
// error value, not the end. One of these in a process, as its signals are.
class DaemonSignals {
  public:
    // From here on a signal finds a handler, so this comes before whatever a start takes time for.
    // `loop` outlives it.
    explicit DaemonSignals(boost::asio::io_context& loop);
    ~DaemonSignals();
    DaemonSignals(const DaemonSignals&) = delete;
    DaemonSignals& operator=(const DaemonSignals&) = delete;

    // What came before is told, too. Called from the loop, `stop` once; nothing is reloaded after
    // that.
    void listen(std::function<void()> reload, std::function<void(const StopSignal&)> stop);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl
