// One receiver's messages on their way: what the outbox says, done on the event loop.
#pragma once

#include <functional>
#include <memory>

#include "common/alert/outbox.hpp"
#include "common/alert/post_client.hpp"
#include "common/clock.hpp"
#include "common/log/log.hpp"
#include "common/log/state_log.hpp"
#include "common/loop/helper_thread.hpp"

namespace wanctl::alert {

// What outlives the sinks.
struct Surroundings {
    boost::asio::io_context& loop;
    const Clock& clock;
    Log& log;
    HelperThread& helper;
};

// Before each attempt the helper reads the URL's file and looks its host up; the rest is curl on
// the loop. Trouble is one line when it begins and one when it is over.
class Sender {
  public:
    using OnEnded = std::function<void(const Ended& ended)>;

    // Looks at the URL's file at once, to say early what is wrong with it.
    Sender(const Surroundings& around, const SinkConfig& config, std::uint32_t seed,
           OnEnded on_ended);
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    void send(std::shared_ptr<const Message> message);
    // Ends them all as dropped: there is no more time.
    void drop_all();

    [[nodiscard]] const SinkConfig& config() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace wanctl::alert
