#include "autorate/probe/echo_sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace wanctl::probe {

namespace {

struct Need {
    bool socket = false;
    bool address = false;  // one stands in the configuration
};

Need need_of(const ReflectorSet& set, IpFamily family) {
    Need need;
    for (std::uint8_t i = 0; i < set.count; ++i) {
        const auto& address = set.address[i];
        if (!address || address->family() == family) need.socket = true;
        if (address && address->family() == family) need.address = true;
    }
    return need;
}

}  // namespace

Result<EchoSockets> EchoSockets::open(const SocketSettings& settings,
                                      const ReflectorSet& reflectors) {
    EchoSockets sockets;
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
        const Need need = need_of(reflectors, family);
        if (!need.socket) continue;
        SocketSettings wanted = settings;
        wanted.family = family;
        auto opened = IcmpSocket::open(wanted);
        if (opened) {
            sockets.sockets_.push_back(std::move(*opened));
        } else if (need.address || family == IpFamily::v4 || opened.error().code != EAFNOSUPPORT) {
            return tl::unexpected(opened.error());
        }
    }
    return sockets;
}

std::vector<int> EchoSockets::descriptors() const {
    std::vector<int> numbers;
    for (const auto& socket : sockets_) numbers.push_back(socket->descriptor());
    return numbers;
}

IcmpSocket* EchoSockets::of(IpFamily family) const {
    for (const auto& socket : sockets_) {
        if (socket->family() == family) return socket.get();
    }
    return nullptr;
}

std::span<const RefusedEcho> EchoSockets::send(std::span<const Echo> echoes) {
    std::size_t refused = 0;
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        const auto end = std::copy_if(
            echoes.begin(), echoes.end(), part_.begin(),
            [&](const Echo& echo) { return echo.to.family() == sockets_[i]->family(); });
        if (end == part_.begin()) continue;
        used_[i] = true;
        for (const RefusedEcho& echo : sockets_[i]->send({part_.begin(), end})) {
            refused_[refused++] = echo;
        }
    }
    for (const Echo& echo : echoes) {
        if (reaches(echo.to.family())) continue;
        ++unreachable_;
        refused_[refused++] = {echo.number, EAFNOSUPPORT};
    }
    // Numbers grow from echo to echo.
    std::sort(refused_.begin(), refused_.begin() + refused,
              [](const RefusedEcho& a, const RefusedEcho& b) { return a.number < b.number; });
    return {refused_.data(), refused};
}

SocketCounters EchoSockets::counters() const {
    SocketCounters sum{unreachable_, 0};
    for (const auto& socket : sockets_) {
        sum.refused += socket->counters().refused;
        sum.icmp_errors += socket->counters().icmp_errors;
    }
    return sum;
}

}  // namespace wanctl::probe
