// The simulated router without its sockets: menus, policies, and the REST verbs over them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "tests/sim/rest/connections.hpp"
#include "tests/sim/rest/firewall_filter.hpp"
#include "tests/sim/rest/interfaces.hpp"
#include "tests/sim/rest/json_text.hpp"
#include "tests/sim/rest/mangle.hpp"
#include "tests/sim/rest/queue_tree.hpp"
#include "tests/sim/rest/queue_types.hpp"
#include "tests/sim/rest/rest_message.hpp"
#include "tests/sim/rest/rest_target.hpp"
#include "tests/sim/rest/router_log.hpp"
#include "tests/sim/rest/routes.hpp"
#include "tests/sim/rest/routing_tables.hpp"
#include "tests/sim/rest/system_menus.hpp"

namespace wanctl::sim {

struct RouterModelOptions {
    std::string identity = "MikroTik";
    std::string version = "7.23.7 (long-term)";
    std::uint64_t sectors_per_change =
        1;  // flash sectors that one change of the configuration writes
    std::size_t log_lines = 1000;
    bool two_wans = true;  // starts with set_up_two_wans
    std::string rule_comment = "ADAPTIVE: Steer latency-sensitive to WAN2";
};

// Pure: time comes from the clock, the line from the connected queue ports. Not thread-safe.
class RouterModel {
  public:
    explicit RouterModel(const Clock& clock, RouterModelOptions options = {});
    RouterModel(const RouterModel&) = delete;
    RouterModel& operator=(const RouterModel&) = delete;

    // Runs one request of an authenticated user, whose policies decide what it may.
    [[nodiscard]] RestReply execute(const RestRequest& request, const User& user);

    // The two lines which a login over REST leaves in the log, and the one of a wrong password.
    void note_login(const std::string& user, const std::string& address);
    void note_login_failure(const std::string& user, const std::string& address);

    // The wall clock only: nothing that the router does depends on it but its log.
    void jump_clock(Nanos by) { log_.jump_clock(by); }

    // Counters, log and uptime start again; the configuration with its ids is kept.
    void reboot();

    [[nodiscard]] QueueTree& queues() { return queues_; }
    [[nodiscard]] const QueueTree& queues() const { return queues_; }
    [[nodiscard]] Mangle& mangle() { return mangle_; }
    [[nodiscard]] FirewallFilter& filter() { return filter_; }
    // Whoever changes rules past `execute` lets it advance first.
    [[nodiscard]] ConnectionTable& connections() { return connections_; }
    // See configuration_json.
    [[nodiscard]] std::string configuration() const;
    [[nodiscard]] const RouterLog& log() const { return log_; }
    [[nodiscard]] SystemResource& resource() { return resource_; }

  private:
    struct Place;  // a menu, and what of it the path names

    [[nodiscard]] Outcome<Place> resolve(const std::vector<std::string>& path);
    [[nodiscard]] RestReply dispatch(const RestRequest& request, const User& user,
                                     const RestTarget& target, const Arguments& arguments);
    [[nodiscard]] RestReply get(const Place& place, const RestTarget& target) const;
    [[nodiscard]] RestReply put(const Place& place, const RestRequest& request,
                                const Arguments& arguments, const User& user);
    [[nodiscard]] RestReply change(const Place& place, const RestRequest& request,
                                   const Arguments& arguments, const User& user);
    [[nodiscard]] RestReply post(const Place& place, const Arguments& arguments, const User& user);
    [[nodiscard]] RestReply print(const Place& place, const Arguments& arguments) const;
    [[nodiscard]] Outcome<void> command(const Place& place, const Arguments& arguments,
                                        const User& user);
    void note_change(const Place& place, const std::string& command, const std::string& by);

    std::uint64_t sectors_per_change_;
    RouterLog log_;
    QueueTypes types_;
    Interfaces interfaces_;
    QueueTree queues_;
    RoutingTables tables_;
    Routes routes_;
    Mangle mangle_;
    FirewallFilter filter_;
    ConnectionTable connections_;
    SystemIdentity identity_;
    SystemResource resource_;
    std::map<std::string, Menu*> menus_;
};

}  // namespace wanctl::sim
