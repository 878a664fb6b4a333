// /queue/tree: the queues, what is set on them, and the line that stands behind each.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "common/clock.hpp"
#include "tests/sim/queue_port.hpp"
#include "tests/sim/rest/idle_port.hpp"
#include "tests/sim/rest/interfaces.hpp"
#include "tests/sim/rest/menu.hpp"
#include "tests/sim/rest/queue_types.hpp"

namespace wanctl::sim {

// One change of one queue's max-limit, whoever made it.
struct LimitChange {
    SteadyTime at;
    std::string queue;
    Rate from;
    Rate to;
    std::string by;
};

// Owns the queues; refers to the ports it was connected to, which must outlive it. A port is found
// by the queue's name when a queue is made, and stays with that queue through renames; a queue
// without one has an idle port. A queue that is disabled, invalid or removed leaves its port
// unlimited: nothing is shaped then.
class QueueTree final : public Menu {
  public:
    QueueTree(const Clock& clock, const QueueTypes& types, const Interfaces& interfaces);

    [[nodiscard]] bool knows(std::string_view command) const override;
    [[nodiscard]] std::vector<Record> records() const override;
    [[nodiscard]] Outcome<std::string> add(const Settings& settings,
                                           const std::string& by) override;
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

    void connect(const std::string& name, QueuePort& port);
    // Hands every port its limit again; to be called when an interface changed.
    void apply_limits();
    void reset_all_counters();

    // What an administrator can do to a queue from outside. The name is that of exactly one queue.
    [[nodiscard]] Outcome<void> rename(const std::string& name, const std::string& to);
    [[nodiscard]] Outcome<void> remove(const std::string& name);
    // A second queue of the same name, which the router itself would refuse.
    [[nodiscard]] Outcome<void> duplicate(const std::string& name);
    // Ends that: of all queues named so, only the newest stays.
    [[nodiscard]] Outcome<void> keep_newest(const std::string& name);
    [[nodiscard]] Outcome<void> set_limit(const std::string& name, const std::string& max_limit);
    [[nodiscard]] Outcome<void> set_invalid(const std::string& name, const std::string& invalid);

    // As a restored backup may do it: every queue gets an id never used before, or, `swapped`, the
    // queues keep theirs in the opposite order.
    void renumber(bool swapped);
    [[nodiscard]] Outcome<void> reset_counters(const std::string& name);

    // The latest changes of max-limit, oldest first; at most kHistory.
    [[nodiscard]] const std::deque<LimitChange>& history() const { return history_; }

    static constexpr std::size_t kHistory = 20'000;

  private:
    struct Queue {
        std::string id;
        Settings settings = {};
        QueuePort* port = nullptr;
        bool broken = false;  // made invalid from outside
    };

    [[nodiscard]] Outcome<Settings> checked(const Queue& queue, const Settings& settings) const;
    [[nodiscard]] Outcome<void> check_references(const Queue& queue, Settings& wanted) const;
    [[nodiscard]] Outcome<void> change(Queue& queue, const Settings& settings,
                                       const std::string& by);
    [[nodiscard]] Outcome<std::size_t> only(const std::string& name) const;
    [[nodiscard]] bool exists(const std::string& name) const;
    [[nodiscard]] bool invalid(const Queue& queue) const;
    [[nodiscard]] Record record_of(const Queue& queue) const;
    [[nodiscard]] QueuePort* port_for(const std::string& name);
    void apply(const Queue& queue) const;
    void erase(std::size_t index);

    const Clock& clock_;
    const QueueTypes& types_;
    const Interfaces& interfaces_;
    std::map<std::string, QueuePort*> ports_;
    IdlePort idle_;
    std::vector<Queue> queues_;
    std::deque<LimitChange> history_;
    std::uint32_t next_id_ = 0x1000000;
};

}  // namespace wanctl::sim
