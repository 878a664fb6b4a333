// Reads both queues' counters at its own pace, as the least urgent user of a link.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/routeros/backoff.hpp"
#include "common/routeros/queue_tree.hpp"
#include "common/routeros/router_link.hpp"

namespace wanctl::actuate {

// A poll that is late is skipped, not caught up. While polls fail they become rarer, down to one in
// 2 s. Stays on the link from construction to
// destruction.
class QueuePoller final : private routeros::LinkUser {
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
    ~QueuePoller() override;
    QueuePoller(const QueuePoller&) = delete;
    QueuePoller& operator=(const QueuePoller&) = delete;

    // The first poll is due one interval later: by then the connection that writes stands.
    void start(SteadyTime now);
    void stop() { due_.reset(); }
    // From now on read the whole tree: this router does not answer the query for two.
    void read_whole_tree() { whole_tree_ = true; }

  private:
    [[nodiscard]] routeros::Urgency urgency(SteadyTime now) const override;
    [[nodiscard]] std::optional<SteadyTime> wake_at() const override { return due_; }
    void take_turn(SteadyTime now) override;
    void on_reply(SteadyTime now, const routeros::Reply& reply) override;
    void failed(SteadyTime now, RouterState state, const std::string& message);

    routeros::RouterLink& link_;
    const routeros::QueueNames& names_;
    Nanos interval_;
    Listener& listener_;
    std::optional<SteadyTime> due_;
    bool whole_tree_ = false;
    routeros::Backoff backoff_;
    std::string query_;
    std::string whole_path_;
};

}  // namespace wanctl::actuate
