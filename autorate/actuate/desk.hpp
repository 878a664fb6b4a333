// Pollers of several WANs that read the same of a router, as one user of a link, its least urgent.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/routeros/router_link.hpp"

namespace wanctl::actuate {

// Sends one request for all whose poll is due or nearly so, and hands its reply to each of them.
// Stays on the link as long as any poller uses it. A poller has due_, interval_, begin(now) and
// digest(now, reply).
template <class Poller>
class Desk : public routeros::LinkUser, public std::enable_shared_from_this<Desk<Poller>> {
  public:
    // The one of this link, as whoever comes first makes it.
    template <class Made>
    [[nodiscard]] static std::shared_ptr<Desk> of(routeros::RouterLink& link) {
        for (routeros::LinkUser* user : link.users())
            if (auto* desk = dynamic_cast<Desk*>(user)) return desk->shared_from_this();
        return std::make_shared<Made>(link);
    }

    ~Desk() override { link_.leave(*this); }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void join(Poller& poller) { pollers_.push_back(&poller); }
    // A reply still to come is then not told to it.
    void leave(Poller& poller) {
        pollers_.erase(std::remove(pollers_.begin(), pollers_.end(), &poller), pollers_.end());
        asked_.erase(std::remove(asked_.begin(), asked_.end(), &poller), asked_.end());
    }

  protected:
    explicit Desk(routeros::RouterLink& link) : link_(link) { link_.join(*this); }

  private:
    // What answers all of them; what it refers to lasts until the next one.
    [[nodiscard]] virtual routeros::Request request(const std::vector<Poller*>& asked) = 0;

    [[nodiscard]] routeros::Urgency urgency(SteadyTime now) const override {
        const bool due = std::any_of(pollers_.begin(), pollers_.end(), [now](const Poller* each) {
            return each->due_ && now >= *each->due_;
        });
        return due ? routeros::Urgency::poll : routeros::Urgency::none;
    }
    [[nodiscard]] std::optional<SteadyTime> wake_at() const override {
        std::optional<SteadyTime> first;
        for (const Poller* each : pollers_)
            if (each->due_ && (!first || *each->due_ < *first)) first = each->due_;
        return first;
    }
    void take_turn(SteadyTime now) override {
        asked_.clear();
        for (Poller* each : pollers_) {
            // Nearly due goes along: the next ones then come together.
            if (!each->due_ || now + each->interval_ / 2 < *each->due_) continue;
            asked_.push_back(each);
            each->begin(now);
        }
        link_.send(request(asked_));
    }
    void on_reply(SteadyTime now, const routeros::Reply& reply) override {
        // Whoever is told may leave, or make the next request start.
        const std::vector<Poller*> told = std::exchange(asked_, {});
        for (Poller* each : told)
            if (std::find(pollers_.begin(), pollers_.end(), each) != pollers_.end())
                each->digest(now, reply);
    }

    routeros::RouterLink& link_;
    std::vector<Poller*> pollers_;
    std::vector<Poller*> asked_;  // whom the request in flight is for
};

}  // namespace wanctl::actuate
