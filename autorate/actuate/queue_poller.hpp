// Reads both queues' counters of a WAN at its own pace, together with the other WANs on its link.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/routeros/queue_tree.hpp"
#include "common/routeros/router_link.hpp"
#include "common/transfer/backoff.hpp"

namespace wanctl::actuate {

template <class Poller>
class Desk;
class PollDesk;

// A poll that is late is skipped, not caught up. While polls fail they become rarer, down to one in
// 2 s. The pollers of one link share its PollDesk, which the first of them makes: one request reads
// the queues of all whose poll is due or nearly so.
class QueuePoller final {
  public:
    struct Listener {
        virtual ~Listener() = default;
        virtual void poll_started() = 0;
        virtual void poll_read(SteadyTime now, const routeros::QueuePair& pair) = 0;
        // `state` as of the reply, or what is wrong with its content.
        virtual void poll_failed(SteadyTime now, RouterState state, const std::string& message) = 0;
    };

    QueuePoller(routeros::RouterLink& link, const routeros::QueueNames& names, Nanos interval,
                Listener& listener);
    ~QueuePoller();
    QueuePoller(const QueuePoller&) = delete;
    QueuePoller& operator=(const QueuePoller&) = delete;

    // The first poll is due one interval later: by then the connection that writes stands.
    void start(SteadyTime now);
    void stop() { due_.reset(); }
    // From now on read the whole tree: this router does not answer the query for two.
    void read_whole_tree() { whole_tree_ = true; }

  private:
    friend class PollDesk;
    friend class Desk<QueuePoller>;

    // Counts the poll that begins now; on the grid while it is kept, after a delay the grid starts
    // anew.
    void begin(SteadyTime now);
    void digest(SteadyTime now, const routeros::Reply& reply);
    void failed(SteadyTime now, RouterState state, const std::string& message);

    routeros::RouterLink& link_;
    const routeros::QueueNames& names_;
    Nanos interval_;
    Listener& listener_;
    std::optional<SteadyTime> due_;
    bool whole_tree_ = false;
    std::shared_ptr<Desk<QueuePoller>> desk_;
    transfer::Backoff backoff_;
};

}  // namespace wanctl::actuate
