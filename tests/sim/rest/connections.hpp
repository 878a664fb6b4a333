// The router's connections from the LAN: which WAN each one took, and why. No packet of theirs
// exists; the first three of each are led through the rules as the router would.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "common/clock.hpp"
#include "tests/sim/rest/firewall_filter.hpp"
#include "tests/sim/rest/mangle.hpp"
#include "tests/sim/rest/routes.hpp"
#include "tests/sim/rest/rule_match.hpp"

namespace wanctl::sim {

// What the connections of one kind have in common.
struct ConnectionKind {
    std::string protocol = "udp";
    int dscp = 0;
    int dst_port = 0;
    Nanos lasting = std::chrono::seconds(10);
};

// A connection's mark is given by its first packet and stays; a packet is led by the rules as they
// are when it passes, unless FastTrack took its connection: then by the main table. The NAT
// binding is made by the first packet, so a connection whose later packets leave elsewhere is
// split: it does not work.
class ConnectionTable {
  public:
    ConnectionTable(const Clock& clock, Mangle& mangle, FirewallFilter& filter,
                    const Routes& routes);

    static constexpr double kMostPerSecond = 10'000;
    static constexpr std::size_t kMostAtOnce = 100'000;

    // From now on as many new ones of the kind begin each second, evenly; 0 ends it.
    void offer(const std::string& name, const ConnectionKind& kind, double per_s);
    void open(const std::string& name, const ConnectionKind& kind, std::size_t count);
    // Opens and ends what is due by the clock. To be called before anything that leads packets is
    // changed, so that connections see the rules of their own time.
    void advance();
    // What stands is lost, as in a reboot; what is offered goes on and finds the rules as they are.
    void forget();

    // Of each kind: `opened` by port since the last reset, `standing` by the port their packets
    // take now, `marked`, `fasttracked` and `split` of the opened.
    [[nodiscard]] std::string to_json();
    void reset_counts();

  private:
    struct Connection {
        std::string kind;
        Packet packet;  // of its second and later ones
        SteadyTime ends;
        bool fasttracked = false;
    };
    struct Offer {
        ConnectionKind kind;
        Nanos pace{0};  // from one to the next
        SteadyTime next;
    };
    struct Counts {
        std::map<std::string, std::uint64_t> opened;  // [port]
        std::uint64_t marked = 0;
        std::uint64_t fasttracked = 0;
        std::uint64_t split = 0;
    };

    void open_one(const std::string& name, const ConnectionKind& kind, SteadyTime at);
    // The port by which it leaves; counts the rules it passes and gives marks.
    [[nodiscard]] std::string lead(Connection& connection);
    [[nodiscard]] std::string route(Connection& connection, bool counted);
    void filter(Connection& connection);
    void end_until(SteadyTime now);

    const Clock& clock_;
    Mangle& mangle_;
    FirewallFilter& filter_;
    const Routes& routes_;
    std::map<std::string, Offer> offers_;
    std::deque<Connection> standing_;
    std::map<std::string, Counts> counts_;
};

}  // namespace wanctl::sim
