// The one connection of a (url, user), shared by all who need it in order of urgency.
//
// RouterOS serves one user's requests strictly one after another, so a second request in flight
// would only wait there, where it can no longer be replaced by a newer one. Waiting is done here
// instead: whoever is asked last decides last what to send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/routeros/rest_client.hpp"
#include "common/transfer/backoff.hpp"
#include "common/transfer/lazy_timer.hpp"

namespace wanctl::routeros {

enum class Urgency : std::uint8_t { none, poll, increase, lookup, decrease };

// Somebody with requests to make on a link. Not owned by it.
class LinkUser {
  public:
    virtual ~LinkUser() = default;
    // What it would send now; asked often, so cheap and without allocation.
    [[nodiscard]] virtual Urgency urgency(SteadyTime now) const = 0;
    // When to ask again although nothing happens until then.
    [[nodiscard]] virtual std::optional<SteadyTime> wake_at() const = 0;
    // Its turn: it calls RouterLink::send() once.
    virtual void take_turn(SteadyTime now) = 0;
    // The reply to what it sent.
    virtual void on_reply(SteadyTime now, const Reply& reply) = 0;
    // The connection ended while nobody used it: the router may have restarted. Only of a link that
    // somebody told to watch_connection(); it is asked for its urgency afterwards.
    virtual void connection_ended() {}
};

// After a failure of the connection or the login it waits before the next request, longer each
// time: up to 2 s, and up to 4 s when the router or the certificate says no (each attempt leaves a
// line in the router's log). A request that may still be running on the router is followed by a
// pause of more than 3 s, in which RouterOS's web server recovers.
class RouterLink {
  public:
    RouterLink(boost::asio::io_context& loop, const Clock& clock, RestOptions options,
               std::uint32_t seed = 1);
    // With another client, which hands its replies to the function it is made with.
    using MakeClient = std::function<std::unique_ptr<RequestClient>(RequestClient::Done)>;
    RouterLink(boost::asio::io_context& loop, const Clock& clock, const MakeClient& make,
               std::uint32_t seed);

    void set_password(const std::string& password) { client_->set_password(password); }

    void join(LinkUser& user);
    // A reply still to come is then dropped.
    void leave(LinkUser& user);

    // From the next reply on the users hear of it when the connection ends between requests.
    void watch_connection();

    [[nodiscard]] const std::vector<LinkUser*>& users() const { return users_; }

    // Lets the most urgent user send, if the link is free. Nothing to send: no allocation.
    void offer(SteadyTime now);
    void send(const Request& request);

    // Grows with every new connection and every broken one: what was learned before may be
    // outdated.
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
    [[nodiscard]] const RestCounters& counters() const { return client_->counters(); }
    [[nodiscard]] const std::string& place() const { return client_->place(); }

  private:
    void finished(Reply&& reply);
    void learn(SteadyTime now, const Reply& reply);
    void serve(LinkUser& user, SteadyTime now);
    void sleep(SteadyTime now);
    [[nodiscard]] LinkUser* most_urgent(SteadyTime now) const;

    const Clock& clock_;
    std::vector<LinkUser*> users_;
    LinkUser* current_ = nullptr;  // whose request is in flight
    std::size_t served_ = 0;       // index of the last one served, for fairness among equals
    std::uint64_t epoch_ = 0;
    transfer::Backoff backoff_;
    std::optional<SteadyTime> not_before_;
    bool refused_ = false;  // the last trouble was a no of the router or the certificate
    bool in_turn_ = false;
    transfer::LazyTimer wake_;
    std::unique_ptr<RequestClient> client_;
};

}  // namespace wanctl::routeros
