#include "tests/sim/rest/connections.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/rest/json_text.hpp"

namespace wanctl::sim {
namespace {

constexpr auto kLanPort = "ether3";
constexpr auto kNoWay = "none";
constexpr std::uint64_t kPacketBytes = 200;

std::string counts_json(const std::map<std::string, std::uint64_t>& counts) {
    std::string text;
    for (const auto& [name, count] : counts)
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", quoted(name), count);
    return "{" + text + "}";
}

}  // namespace

ConnectionTable::ConnectionTable(const Clock& clock, Mangle& mangle, FirewallFilter& filter,
                                 const Routes& routes)
    : clock_(clock), mangle_(mangle), filter_(filter), routes_(routes) {}

void ConnectionTable::offer(const std::string& name, const ConnectionKind& kind, double per_s) {
    advance();
    offers_.erase(name);
    if (per_s <= 0) return;
    const Nanos pace = from_ms(1e3 / std::min(per_s, kMostPerSecond));
    offers_[name] = {kind, pace, clock_.steady() + pace};
}

void ConnectionTable::open(const std::string& name, const ConnectionKind& kind, std::size_t count) {
    advance();
    for (std::size_t i = 0; i < count; ++i) open_one(name, kind, clock_.steady());
}

void ConnectionTable::advance() {
    const auto now = clock_.steady();
    for (auto& [name, offer] : offers_) {
        for (; offer.next <= now; offer.next += offer.pace) open_one(name, offer.kind, offer.next);
    }
    end_until(now);
}

void ConnectionTable::forget() {
    advance();
    standing_.clear();
}

void ConnectionTable::reset_counts() {
    advance();
    counts_.clear();
}

std::string ConnectionTable::to_json() {
    advance();
    std::map<std::string, std::map<std::string, std::uint64_t>> standing;
    for (auto& connection : standing_) ++standing[connection.kind][route(connection, false)];
    for (const auto& [kind, ports] : standing) counts_.try_emplace(kind);
    std::string text;
    for (const auto& [kind, counts] : counts_) {
        text += fmt::format(
            "{}{}:{{\"fasttracked\":{},\"marked\":{},\"opened\":{},\"split\":{},\"standing\":{}}}",
            text.empty() ? "" : ",", quoted(kind), counts.fasttracked, counts.marked,
            counts_json(counts.opened), counts.split, counts_json(standing[kind]));
    }
    return "{" + text + "}";
}

void ConnectionTable::open_one(const std::string& name, const ConnectionKind& kind, SteadyTime at) {
    if (standing_.size() >= kMostAtOnce) end_until(at);
    if (standing_.size() >= kMostAtOnce) standing_.pop_front();
    Connection connection{.kind = name,
                          .packet = {kLanPort, kind.protocol, kind.dst_port, kind.dscp, "new", ""},
                          .ends = at + kind.lasting};
    const auto first = lead(connection);
    connection.packet.state = "established";
    const auto second = lead(connection);
    const auto third = lead(connection);
    auto& counts = counts_[name];
    ++counts.opened[first];
    counts.marked += connection.packet.connection_mark.empty() ? 0 : 1;
    counts.fasttracked += connection.fasttracked ? 1 : 0;
    counts.split += first == second && first == third ? 0 : 1;
    standing_.push_back(std::move(connection));
}

std::string ConnectionTable::lead(Connection& connection) {
    if (connection.fasttracked) return route(connection, false);
    auto port = route(connection, true);
    filter(connection);
    return port;
}

std::string ConnectionTable::route(Connection& connection, bool counted) {
    std::string table = "main";
    if (!connection.fasttracked) {
        for (const auto& [position, rule] : mangle_.active("prerouting")) {
            if (!is_meant_for(*rule, connection.packet)) continue;
            if (counted) mangle_.count(position, 1, kPacketBytes);
            const auto& action = rule->at("action");
            if (action == "mark-connection") {
                const auto& mark = rule->at("new-connection-mark");
                connection.packet.connection_mark = mark == "no-mark" ? "" : mark;
            }
            if (action == "mark-routing") table = mangle_.routing_mark(*rule);
            if (action == "fasttrack-connection") connection.fasttracked = true;
            const auto onwards = rule->find("passthrough");
            const bool ends = onwards != rule->end() && onwards->second == "false";
            if (ends || action == "accept") break;
        }
    }
    // A look-up that fails in a table of its own goes on in the main one.
    if (auto port = routes_.way_out(table)) return *port;
    return routes_.way_out("main").value_or(kNoWay);
}

void ConnectionTable::filter(Connection& connection) {
    for (const auto& [position, rule] : filter_.active("forward")) {
        if (!is_meant_for(*rule, connection.packet)) continue;
        filter_.count(position, 1, kPacketBytes);
        const auto& action = rule->at("action");
        if (action == "fasttrack-connection") connection.fasttracked = true;
        if (action == "accept" || action == "drop" || action == "reject") break;
    }
}

void ConnectionTable::end_until(SteadyTime now) {
    std::erase_if(standing_, [now](const auto& connection) { return connection.ends <= now; });
}

}  // namespace wanctl::sim
