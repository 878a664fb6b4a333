#include "tests/unit/actuate/virtual_router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace wanctl::test {
namespace {

constexpr Nanos kConnectTimeout = std::chrono::seconds(3);
constexpr Nanos kPeerGone = std::chrono::seconds(5);
constexpr Nanos kCommandLimit = std::chrono::seconds(60);
constexpr Nanos kRefused = std::chrono::milliseconds(1);

}  // namespace

class VirtualRouter::Client final : public routeros::RequestClient {
  public:
    Client(VirtualRouter& router, std::string user, Done done)
        : router_(router),
          user_(std::move(user)),
          place_("virtual (user " + user_ + ")"),
          done_(std::move(done)) {}

    void set_password(const std::string&) override {}
    [[nodiscard]] bool idle() const override { return !busy_; }
    [[nodiscard]] const routeros::RestCounters& counters() const override { return counters_; }
    [[nodiscard]] const std::string& place() const override { return place_; }

    void start(const routeros::Request& request) override {
        busy_ = true;
        ++counters_.requests;
        const SteadyTime now = router_.clock_.steady();
        const bool stands = boot_ == router_.boots_ && !router_.unreachable;
        Running running{this, {}, now, now + kRefused, router_.boots_, false, !stands};
        if (!stands && !request.may_connect) return finish_stale();
        if (router_.unreachable || router_.dropping) {
            const bool sent = router_.dropping && boot_ == router_.boots_;
            running.due = now + (!router_.dropping ? kRefused : sent ? kPeerGone : kConnectTimeout);
            boot_.reset();
        } else {
            ++router_.requests_;
            boot_ = router_.boots_;
            running.reached = true;
            running.due = now + std::min(router_.drawn_service(), kCommandLimit);
        }
        constexpr std::array kMethods{"GET", "POST", "PATCH"};
        running.request.method = kMethods.at(static_cast<std::size_t>(request.method));
        running.request.target = request.path;
        running.request.content_type = request.body.empty() ? "" : "application/json";
        running.request.body = request.body;
        running.request.authorization = user_;
        router_.running_.push_back(std::move(running));
    }

    void finish(const routeros::Exchange& exchange, Nanos latency, bool reconnected) {
        busy_ = false;
        routeros::Reply reply = routeros::classify(exchange, place_);
        reply.latency = latency;
        reply.reconnected = reconnected && reply.state != RouterState::unreachable;
        done_(std::move(reply));
    }
    void lose_connection() { boot_.reset(); }

  private:
    void finish_stale() {
        routeros::Exchange exchange;
        exchange.fault = routeros::TransportFault::stale;
        finish(exchange, Nanos(0), false);
    }

    VirtualRouter& router_;
    std::string user_;
    std::string place_;
    Done done_;
    routeros::RestCounters counters_;
    bool busy_ = false;
    std::optional<std::uint64_t> boot_;  // that the standing connection belongs to
};

VirtualRouter::VirtualRouter(sim::ManualClock& clock, std::uint32_t seed)
    : clock_(clock), model_(clock), random_(seed) {}

std::unique_ptr<routeros::RequestClient> VirtualRouter::connect(
    const std::string& user, routeros::RequestClient::Done done) {
    return std::make_unique<Client>(*this, user, std::move(done));
}

void VirtualRouter::step() {
    const SteadyTime now = clock_.steady();
    for (std::size_t i = 0; i < running_.size();) {
        if (running_[i].due > now) {
            ++i;
            continue;
        }
        const Running ended = std::move(running_[i]);
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
        end(ended);
    }
}

void VirtualRouter::end(const Running& running) {
    routeros::Exchange exchange;
    sim::RestReply reply;
    const bool lost = running.boot != boots_ || unreachable || dropping;
    if (!running.reached) {
        exchange.fault = routeros::TransportFault::no_connection;
    } else {
        // Whether what broke off had its effect, nobody knows.
        if (!lost || random_() % 2 == 0) reply = run(running);
        exchange.fault = lost ? routeros::TransportFault::broken : exchange.fault;
    }
    exchange.status = reply.status;
    exchange.content_type = reply.content_type;
    exchange.body = reply.body;
    if (exchange.fault != routeros::TransportFault::none) {
        exchange.status = 0;
        running.client->lose_connection();
    }
    running.client->finish(exchange, clock_.steady() - running.begun, running.reconnected);
}

sim::RestReply VirtualRouter::run(const Running& running) {
    const bool too_long = running.due - running.begun >= kCommandLimit;
    const sim::User user{running.request.authorization, "", {"read", "write", "api", "rest-api"}};
    if (status != 0 && !applied) return sim::error_reply(status);
    tell_write(running.request);
    if (running.request.method == "PATCH") limits_.clear();
    auto reply = model_.execute(running.request, user);
    if (too_long) return sim::error_reply(400, "Session closed");
    if (status != 0) return sim::error_reply(status);
    if (truncating) reply.body.resize(reply.body.size() / 2);
    return reply;
}

void VirtualRouter::tell_write(const sim::RestRequest& request) const {
    if (request.method != "PATCH" || !on_write) return;
    const auto id = request.target.substr(request.target.rfind('/') + 1);
    const auto from = request.body.find("max-limit\":\"") + 12;
    for (const auto& record : model_.queues().records())
        if (record.at(".id") == id)
            on_write(record.at("name"), Rate{std::stoll(record.at("max-limit"))},
                     Rate{std::stoll(request.body.substr(from))});
}

Nanos VirtualRouter::drawn_service() {
    std::uniform_int_distribution<Nanos::rep> around(service.count() / 2, service.count() * 2);
    return Nanos(around(random_));
}

void VirtualRouter::reboot(bool other_ids) {
    ++boots_;
    if (other_ids) model_.queues().renumber(random_() % 2 == 0);
    model_.reboot();
}

Rate VirtualRouter::limit(const std::string& queue) {
    if (limits_.empty())
        for (const auto& record : model_.queues().records())
            limits_[record.at("name")] = Rate{std::stoll(record.at("max-limit"))};
    return limits_.at(queue);
}

void VirtualRouter::set_limit(const std::string& queue, Rate limit) {
    limits_.clear();
    if (!model_.queues().set_limit(queue, fmt::format("{}", limit.bps)))
        throw std::logic_error("no queue is named " + queue);
}

}  // namespace wanctl::test
