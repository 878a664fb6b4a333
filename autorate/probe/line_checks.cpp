#include "autorate/probe/line_checks.hpp"

#include <sys/socket.h>

#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wanctl::probe {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::optional<CheckTargets::Tcp> parse_target(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    const auto address = parse_ipv4(std::string_view(text).substr(0, colon));
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (!address || error != std::errc() || stop != end || port == 0) return std::nullopt;
    return CheckTargets::Tcp{*address, port};
}

}  // namespace

Result<CheckTargets> parse_targets(const FallbackConfig& config) {
    CheckTargets targets;
    if (!config.gateway.empty()) {
        targets.gateway = parse_ipv4(config.gateway);
        if (!targets.gateway) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.fallback.gateway: \"{}\" is not a numeric IPv4 address",
                                    config.gateway));
        }
    }
    if (config.tcp_targets.size() > kMaxTcpTargets) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("probe.fallback.tcp_targets: {} given, at most {} are allowed",
                                config.tcp_targets.size(), kMaxTcpTargets));
    }
    for (const std::string& text : config.tcp_targets) {
        const auto target = parse_target(text);
        if (!target) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.fallback.tcp_targets: \"{}\" is not address:port, such "
                                    "as \"1.1.1.1:443\"",
                                    text));
        }
        targets.tcp.push_back(*target);
    }
    return targets;
}

// Everything of one round; what is pending keeps it alive, and finds it over after `finish`.
struct LineChecks::Round : std::enable_shared_from_this<LineChecks::Round> {
    Round(asio::io_context& loop, const Clock& the_clock, Done the_done)
        : clock(the_clock), done(std::move(the_done)), deadline(loop), gateway_wait(loop) {}

    void start(asio::io_context& loop, LineChecks& owner) {
        began = clock.steady();
        // One more than there are, so that none ends the round before all have begun.
        waiting = 1;
        deadline.expires_after(kPatience);
        deadline.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error) self->finish();
        });
        if (owner.gateway_) ask_gateway(owner);
        sockets.reserve(owner.targets_.tcp.size());
        for (std::size_t i = 0; i < owner.targets_.tcp.size(); ++i) connect(loop, owner, i);
        answered();
    }

    void ask_gateway(LineChecks& owner) {
        socket = owner.gateway_.get();
        number = owner.next_number_++;
        if (!socket->send(std::array{Echo{number, *owner.targets_.gateway, 0}}).empty()) return;
        (void)socket->read_stamps();
        ++waiting;
        gateway_wait.assign(socket->descriptor());
        await_gateway();
    }

    void await_gateway() {
        gateway_wait.async_wait(asio::posix::stream_descriptor::wait_read,
                                [self = shared_from_this()](const error_code& error) {
                                    if (!error && !self->over) self->read_gateway();
                                });
    }

    void read_gateway() {
        (void)socket->read_stamps();
        for (const ReceivedPacket& packet : socket->read_packets()) {
            if (!packet.parsed || packet.parsed->number != number) continue;
            outcome.gateway = clock.steady() - began;
            return answered();
        }
        await_gateway();
    }

    void connect(asio::io_context& loop, const LineChecks& owner, std::size_t target) {
        auto& tcp = sockets.emplace_back(loop);
        error_code error;
        tcp.open(asio::ip::tcp::v4(), error);
        if (error || !bind(tcp, owner.settings_)) return;
        ++waiting;
        const CheckTargets::Tcp& to = owner.targets_.tcp[target];
        const SteadyTime sent = clock.steady();
        tcp.async_connect({asio::ip::address_v4(to.address.value), to.port},
                          [self = shared_from_this(), target, sent](const error_code& failure) {
                              if (self->over) return;
                              if (!failure) self->outcome.tcp[target] = self->clock.steady() - sent;
                              self->sockets[target].close();
                              self->answered();
                          });
    }

    static bool bind(asio::ip::tcp::socket& tcp, const SocketSettings& settings) {
        error_code error;
        // Nothing was said, so nothing needs to linger.
        tcp.set_option(asio::socket_base::linger(true, 0), error);
        const std::string& interface = settings.interface;
        if (!interface.empty() &&
            setsockopt(tcp.native_handle(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                       static_cast<socklen_t>(interface.size())) != 0) {
            return false;
        }
        // The targets are IPv4.
        if (!settings.source || settings.source->family() != IpFamily::v4) return true;
        tcp.bind({asio::ip::address_v4(settings.source->v4().value), 0}, error);
        return !error;
    }

    void answered() {
        if (--waiting == 0) finish();
    }

    void cancel() {
        over = true;
        deadline.cancel();
        if (gateway_wait.is_open()) gateway_wait.release();
        sockets.clear();
    }

    void finish() {
        if (over) return;
        cancel();
        done(outcome);
    }

    const Clock& clock;
    Done done;
    asio::steady_timer deadline;
    asio::posix::stream_descriptor gateway_wait;  // of a socket that is not its own
    IcmpSocket* socket = nullptr;
    std::uint64_t number = 0;
    std::vector<asio::ip::tcp::socket> sockets;
    CheckOutcome outcome;
    SteadyTime began;
    int waiting = 0;
    bool over = false;
};

Result<std::unique_ptr<LineChecks>> LineChecks::open(asio::io_context& loop, const Clock& clock,
                                                     const CheckTargets& targets,
                                                     const SocketSettings& socket) {
    std::unique_ptr<IcmpSocket> gateway;
    if (targets.gateway) {
        auto opened = IcmpSocket::open(socket);
        if (!opened) return tl::unexpected(opened.error());
        gateway = std::move(*opened);
    }
    return std::unique_ptr<LineChecks>(
        new LineChecks(loop, clock, targets, socket, std::move(gateway)));
}

LineChecks::LineChecks(asio::io_context& loop, const Clock& clock, CheckTargets targets,
                       SocketSettings socket, std::unique_ptr<IcmpSocket> gateway)
    : loop_(loop),
      clock_(clock),
      targets_(std::move(targets)),
      settings_(std::move(socket)),
      gateway_(std::move(gateway)) {}

LineChecks::~LineChecks() {
    if (round_) round_->cancel();
}

void LineChecks::begin(Done done) {
    round_ = std::make_shared<Round>(loop_, clock_, std::move(done));
    round_->start(loop_, *this);
}

}  // namespace wanctl::probe
