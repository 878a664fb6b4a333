#include "autorate/probe/line_checks.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wanctl::probe {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
    if (address.family() == IpFamily::v4) {
        return {asio::ip::address_v4(address.v4().value), port};
    }
    asio::ip::address_v6::bytes_type bytes{};
    const in6_addr raw = address.v6();
    std::memcpy(bytes.data(), &raw, bytes.size());
    return {asio::ip::address_v6(bytes), port};
}

std::vector<HostNames::Name> names_among(const CheckTargets& targets, std::uint8_t gateway) {
    std::vector<HostNames::Name> names;
    std::uint8_t index = 0;
    for (const CheckTarget& target : targets.tcp) {
        if (!target.address) names.push_back({index, target.host});
        ++index;
    }
    if (targets.gateway && !targets.gateway->address) {
        names.push_back({gateway, targets.gateway->host});
    }
    return names;
}

}  // namespace

// Everything of one round; what is pending keeps it alive, and finds it over after `cancel`.
struct LineChecks::Round : std::enable_shared_from_this<LineChecks::Round> {
    // One address that is asked; a host may have two.
    struct Attempt {
        std::uint8_t host = 0;
        IpAddress address;
        bool offered = false;
        SteadyTime sent;
        std::uint64_t number = 0;  // of the echo
        bool answered = false;
    };

    Round(LineChecks& the_owner, Done the_done)
        : owner(the_owner), done(std::move(the_done)), deadline(owner.loop_) {}

    void start() {
        // One more than there are, so that none ends the round before all have begun.
        waiting = 1;
        deadline.expires_after(kPatience);
        deadline.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error) self->finish();
        });
        std::uint8_t host = 0;
        for (const Host& of : owner.hosts_) {
            if (of.address) attempts.push_back({host, *of.address, false, {}});
            if (of.offered) attempts.push_back({host, *of.offered, true, {}});
            ++host;
        }
        ask_gateway();
        connections.reserve(attempts.size());
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            if (attempts[i].host != kGateway) connect(i);
        }
        asio::post(owner.loop_, [self = shared_from_this()] { self->one_less(); });
    }

    void ask_gateway() {
        std::vector<Echo> echoes;
        for (Attempt& attempt : attempts) {
            if (attempt.host != kGateway) continue;
            attempt.number = owner.next_number_++;
            attempt.sent = owner.clock_.steady();
            echoes.push_back({attempt.number, attempt.address, 0});
        }
        if (echoes.empty()) return;
        waiting += static_cast<int>(echoes.size() - owner.gateway_->send(echoes).size());
        waits.reserve(owner.gateway_->all().size());
        for (std::size_t i = 0; i < owner.gateway_->all().size(); ++i) {
            if (!owner.gateway_->used(i)) continue;
            IcmpSocket& socket = *owner.gateway_->all()[i];
            (void)socket.read_stamps();
            waits.emplace_back(owner.loop_, socket.descriptor());
            await_gateway(waits.size() - 1, socket);
        }
    }

    void await_gateway(std::size_t wait, IcmpSocket& socket) {
        waits[wait].async_wait(asio::posix::stream_descriptor::wait_read,
                               [self = shared_from_this(), wait, &socket](const error_code& error) {
                                   if (error || self->over) return;
                                   self->read_gateway(socket);
                                   if (!self->over) self->await_gateway(wait, socket);
                               });
    }

    void read_gateway(IcmpSocket& socket) {
        (void)socket.read_stamps();
        for (const ReceivedPacket& packet : socket.read_packets()) {
            if (!packet.parsed) continue;
            for (Attempt& attempt : attempts) {
                if (attempt.number == packet.parsed->number && !attempt.answered) {
                    answer(attempt);
                    one_less();
                }
            }
        }
    }

    void connect(std::size_t index) {
        Attempt& attempt = attempts[index];
        const tcp::endpoint to = endpoint_of(attempt.address, owner.hosts_[attempt.host].port);
        tcp::socket& connection = connections.emplace_back(owner.loop_);
        error_code error;
        connection.open(to.protocol(), error);
        if (error || !bind(connection, attempt.address.family())) return;
        ++waiting;
        attempt.sent = owner.clock_.steady();
        connection.async_connect(
            to, [self = shared_from_this(), index, &connection](const error_code& failure) {
                if (self->over) return;
                if (!failure) self->answer(self->attempts[index]);
                connection.close();
                self->one_less();
            });
    }

    [[nodiscard]] bool bind(tcp::socket& connection, IpFamily family) const {
        error_code error;
        // Nothing was said, so nothing needs to linger.
        connection.set_option(asio::socket_base::linger(true, 0), error);
        const std::string& interface = owner.settings_.interface;
        if (!interface.empty() &&
            setsockopt(connection.native_handle(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                       static_cast<socklen_t>(interface.size())) != 0) {
            return false;
        }
        const auto& source = owner.settings_.source;
        if (!source || source->family() != family) return true;
        connection.bind(endpoint_of(*source, 0), error);
        return !error;
    }

    void answer(Attempt& attempt) {
        attempt.answered = true;
        const bool gateway = attempt.host == kGateway;
        auto& time = gateway ? outcome.gateway : outcome.tcp[attempt.host];
        // What the new address says counts, whichever answers first.
        if (time && !attempt.offered) return;
        time = owner.clock_.steady() - attempt.sent;
        if (attempt.offered && !gateway)
            outcome.moved |= static_cast<std::uint16_t>(1U << attempt.host);
    }

    void one_less() {
        if (--waiting == 0) finish();
    }

    void cancel() {
        over = true;
        deadline.cancel();
        // Of sockets that are not its own.
        for (auto& wait : waits) wait.release();
        connections.clear();
    }

    void finish() {
        if (over) return;
        cancel();
        owner.ended(*this);
        done(outcome);
    }

    LineChecks& owner;  // not to be touched when over
    Done done;
    asio::steady_timer deadline;
    std::vector<asio::posix::stream_descriptor> waits;
    std::vector<Attempt> attempts;
    std::vector<tcp::socket> connections;
    CheckOutcome outcome;
    int waiting = 0;
    bool over = false;
};

Result<std::unique_ptr<LineChecks>> LineChecks::open(asio::io_context& loop, const Clock& clock,
                                                     const CheckTargets& targets,
                                                     const SocketSettings& socket, LookUp look_up) {
    std::unique_ptr<LineChecks> checks(
        new LineChecks(loop, clock, targets, socket, std::move(look_up)));
    if (targets.gateway) {
        ReflectorSet gateway;
        gateway.address[gateway.count++] = targets.gateway->address;
        auto opened = EchoSockets::open(socket, gateway);
        if (!opened) return tl::unexpected(opened.error());
        checks->gateway_ = std::move(*opened);
    }
    return checks;
}

LineChecks::LineChecks(asio::io_context& loop, const Clock& clock, const CheckTargets& targets,
                       SocketSettings socket, LookUp look_up)
    : loop_(loop),
      settings_(std::move(socket)),
      clock_(clock),
      lookups_(clock, names_among(targets, kGateway), std::move(look_up), owner()) {
    for (std::size_t i = 0; i < targets.tcp.size(); ++i) {
        hosts_[i] = {targets.tcp[i].address, {}, targets.tcp[i].port};
    }
    if (targets.gateway) hosts_[kGateway].address = targets.gateway->address;
}

LineChecks::~LineChecks() {
    if (round_) round_->cancel();
}

NameLookups::Owner LineChecks::owner() {
    return {"fallback", [this](std::uint8_t host) { return hosts_[host].address; },
            [this](std::uint8_t host, IpFamily family) {
                // A connect finds out for itself.
                return host != kGateway || gateway_->reaches(family);
            },
            [this](std::uint8_t host, IpAddress address) { offer(host, address); },
            [this](const Notice& notice) {
                if (tell_notice_) tell_notice_(notice);
            }};
}

void LineChecks::offer(std::uint8_t host, IpAddress address) {
    Host& of = hosts_[host];
    if (of.address) {
        of.offered = address;
    } else {
        of.address = address;
    }
}

void LineChecks::ended(const Round& round) {
    std::uint16_t asked = 0;
    std::uint16_t answered = 0;
    for (const auto& attempt : round.attempts) {
        const auto bit = static_cast<std::uint16_t>(1U << attempt.host);
        asked |= bit;
        if (!attempt.answered) continue;
        answered |= bit;
        Host& host = hosts_[attempt.host];
        if (!attempt.offered) continue;
        host.address = attempt.address;
        if (host.offered == attempt.address) host.offered.reset();
    }
    failing_ = static_cast<std::uint16_t>(asked & ~answered);
}

void LineChecks::begin(Done done) {
    round_ = std::make_shared<Round>(*this, std::move(done));
    round_->start();
}

}  // namespace wanctl::probe
