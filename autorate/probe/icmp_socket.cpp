#include "autorate/probe/icmp_socket.hpp"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/record/cycle_record.hpp"

namespace wanctl::probe {

namespace {

// A reply to us behind an IP header with all options, or an echo of ours behind the headers of the
// link and of a tunnel.
constexpr std::size_t kPacketRoom = 192;
// Time stamps, the extended error and its offender's address.
constexpr std::size_t kControlRoom = 256;
// The replies of 16 reflectors over a second's stall of the program.
constexpr int kReceiveBuffer = 256 * 1024;
// Transmit stamps come with their packet, which tells the echo. The kernel's own numbering would
// not: whether an echo that it refused took a number depends on how far it got.
constexpr unsigned kStampFlags =
    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE;

// Of either family.
union SocketAddress {
    sockaddr common;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

socklen_t size_for(IpFamily family) {
    return family == IpFamily::v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

SocketAddress socket_address(const IpAddress& address) {
    SocketAddress result{};
    if (address.family() == IpFamily::v6) {
        result.v6 = {};
        result.v6.sin6_family = AF_INET6;
        result.v6.sin6_addr = address.v6();
    } else {
        result.v4 = {};
        result.v4.sin_family = AF_INET;
        result.v4.sin_addr.s_addr = htonl(address.v4().value);
    }
    return result;
}

IpAddress address_in(const SocketAddress& from, IpFamily family) {
    if (family == IpFamily::v6) return IpAddress(from.v6.sin6_addr);
    return Ipv4Address{ntohl(from.v4.sin_addr.s_addr)};
}

template <typename T>
bool set_option(int descriptor, int level, int option, const T& value) {
    return setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

tl::unexpected<Error> system_failure(std::string_view what) {
    const int code = errno;
    return fail(ErrorKind::system, fmt::format("{}: {}", what, std::strerror(code)), code);
}

// Only echo replies with our id: a raw socket sees every ICMP packet of the machine.
bool attach_filter(int descriptor, std::uint16_t id) {
    std::array<sock_filter, 7> code{{
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),  // X = length of the IP header
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),   // ICMP type
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),  // id
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffU),
        BPF_STMT(BPF_RET | BPF_K, 0),
    }};
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    return set_option(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

// The same for ICMPv6, which the kernel delivers without the IP header.
bool attach_filter_v6(int descriptor, std::uint16_t id) {
    icmp6_filter types{};
    ICMP6_FILTER_SETBLOCKALL(&types);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &types);
    std::array<sock_filter, 4> code{{
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),  // id
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffU),
        BPF_STMT(BPF_RET | BPF_K, 0),
    }};
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    return set_option(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, types) &&
           set_option(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

int open_kind(SocketKind kind, IpFamily family) {
    const int type = (kind == SocketKind::raw ? SOCK_RAW : SOCK_DGRAM) | SOCK_NONBLOCK;
    const bool v6 = family == IpFamily::v6;
    return socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC,
                  v6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP});
}

tl::unexpected<Error> refused(SocketKind asked, IpFamily family, int code) {
    if (code == EAFNOSUPPORT && family == IpFamily::v6) {
        return fail(ErrorKind::system,
                    "cannot open an ICMPv6 socket: this machine has no IPv6; leave IPv6 addresses "
                    "out of probe.reflectors and probe.fallback.gateway",
                    code);
    }
    const std::string datagram =
        "datagram ICMP needs this process's group within net.ipv4.ping_group_range (sysctl -w "
        "net.ipv4.ping_group_range=\"0 2147483647\")";
    const std::string raw = "raw ICMP needs CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW)";
    std::string remedy = datagram + ", or " + raw;
    if (asked == SocketKind::datagram) remedy = datagram;
    if (asked == SocketKind::raw) remedy = raw;
    const bool forbidden = code == EACCES || code == EPERM;
    return fail(forbidden ? ErrorKind::permission : ErrorKind::system,
                fmt::format("cannot open an ICMP socket: {}; {}", std::strerror(code), remedy),
                code);
}

WallTime to_wall(const timespec& time) {
    return WallTime(std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec));
}

// What the control messages of one received message tell.
struct Ancillary {
    std::optional<WallTime> stamp;
    std::optional<sock_extended_err> error;
};

bool is_extended_error(const cmsghdr& message) {
    return (message.cmsg_level == SOL_IP && message.cmsg_type == IP_RECVERR) ||
           (message.cmsg_level == SOL_IPV6 && message.cmsg_type == IPV6_RECVERR);
}

Ancillary read_ancillary(msghdr& message) {
    Ancillary result;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING &&
            c->cmsg_len >= CMSG_LEN(sizeof(scm_timestamping))) {
            scm_timestamping stamps{};
            std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
            const timespec software{stamps.ts[0].tv_sec, stamps.ts[0].tv_nsec};
            if (software.tv_sec != 0) result.stamp = to_wall(software);
        } else if (is_extended_error(*c) && c->cmsg_len >= CMSG_LEN(sizeof(sock_extended_err))) {
            sock_extended_err error{};
            std::memcpy(&error, CMSG_DATA(c), sizeof error);
            result.error = error;
        }
    }
    return result;
}

}  // namespace

// Message headers that point into their own packets and control blocks; never moved.
struct IcmpSocket::Buffers {
    std::array<std::array<std::byte, kPacketRoom>, kBatch> packet{};
    alignas(cmsghdr) std::array<std::array<std::byte, kControlRoom>, kBatch> control{};
    std::array<SocketAddress, kBatch> from{};
    std::array<iovec, kBatch> vector{};
    std::array<mmsghdr, kBatch> incoming{};
    std::array<EchoPacket, kMaxReflectors> echo{};
    std::array<SocketAddress, kMaxReflectors> to{};
    std::array<iovec, kMaxReflectors> echo_vector{};
    std::array<mmsghdr, kMaxReflectors> outgoing{};
    std::array<ReceivedPacket, kBatch> received{};
    std::array<TransmitStamp, kBatch> stamps{};
    std::array<RefusedEcho, kMaxReflectors> refused{};

    std::size_t used = kBatch;  // of `incoming` since they were prepared

    // Makes room again where the last call put something: all of it would cost a slot more cache
    // misses than its packets do.
    void prepare() {
        for (std::size_t i = 0; i < used; ++i) {
            vector[i] = {packet[i].data(), packet[i].size()};
            msghdr& header = incoming[i].msg_hdr;
            header = {};
            header.msg_name = &from[i];
            header.msg_namelen = sizeof from[i];
            header.msg_iov = &vector[i];
            header.msg_iovlen = 1;
            header.msg_control = control[i].data();
            header.msg_controllen = control[i].size();
        }
    }

    // Reads up to kBatch messages; 0 when there are none.
    std::size_t receive(int descriptor, int flags) {
        prepare();
        int count = recvmmsg(descriptor, incoming.data(), kBatch, flags, nullptr);
        // An ICMP error makes the next call fail once, without a word on what is in the queue.
        if (count < 0 && errno != EAGAIN) {
            count = recvmmsg(descriptor, incoming.data(), kBatch, flags, nullptr);
        }
        // A call that fails may have filled in the first one.
        used = static_cast<std::size_t>(std::max(count, 1));
        return count < 0 ? 0 : static_cast<std::size_t>(count);
    }

    [[nodiscard]] std::span<const std::byte> bytes(std::size_t i) const {
        return std::span(packet[i]).first(std::min<std::size_t>(incoming[i].msg_len, kPacketRoom));
    }
};

IcmpSocket::IcmpSocket(int descriptor, SocketKind kind, IpFamily family)
    : descriptor_(descriptor),
      kind_(kind),
      family_(family),
      buffers_(std::make_unique<Buffers>()) {}

IcmpSocket::~IcmpSocket() {
    close(descriptor_);
}

Result<std::unique_ptr<IcmpSocket>> IcmpSocket::open(const SocketSettings& settings) {
    SocketKind kind = settings.kind == SocketKind::automatic ? SocketKind::datagram : settings.kind;
    int descriptor = open_kind(kind, settings.family);
    if (descriptor < 0 && settings.kind == SocketKind::automatic) {
        kind = SocketKind::raw;
        descriptor = open_kind(kind, settings.family);
    }
    if (descriptor < 0) return refused(settings.kind, settings.family, errno);
    std::unique_ptr<IcmpSocket> socket(new IcmpSocket(descriptor, kind, settings.family));
    if (auto done = socket->configure(settings); !done) return tl::unexpected(done.error());
    return socket;
}

Result<void> IcmpSocket::configure(const SocketSettings& settings) {
    if (auto bound = bind_to(settings); !bound) return bound;
    if (auto known = adopt_identity(); !known) return known;
    // Less room than asked for is no reason not to measure.
    set_option(descriptor_, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
    const bool v6 = family_ == IpFamily::v6;
    const bool errors_told = v6 ? set_option(descriptor_, SOL_IPV6, IPV6_RECVERR, 1)
                                : set_option(descriptor_, SOL_IP, IP_RECVERR, 1);
    if (!errors_told) return system_failure("IP_RECVERR");
    if (kind_ == SocketKind::raw) {
        const bool filtered = v6 ? attach_filter_v6(descriptor_, identity_.id)
                                 : attach_filter(descriptor_, identity_.id);
        if (!filtered) return system_failure("SO_ATTACH_FILTER");
        // What came in before the filter stood.
        while (buffers_->receive(descriptor_, MSG_DONTWAIT) > 0) {
        }
    }
    if (!set_option(descriptor_, SOL_SOCKET, SO_TIMESTAMPING, kStampFlags)) {
        return system_failure("SO_TIMESTAMPING");
    }
    return {};
}

bool IcmpSocket::bind_to_interface() const {
    return setsockopt(descriptor_, SOL_SOCKET, SO_BINDTODEVICE, interface_.c_str(),
                      static_cast<socklen_t>(interface_.size())) == 0;
}

Result<void> IcmpSocket::bind_to(const SocketSettings& settings) {
    const std::string& interface = settings.interface;
    interface_ = interface;
    if (!interface.empty() && !bind_to_interface()) {
        const int code = errno;
        if (code == EPERM) {
            return fail(
                ErrorKind::permission,
                fmt::format("probe.interface: binding to \"{}\" needs CAP_NET_RAW", interface),
                code);
        }
        return fail(ErrorKind::not_found,
                    fmt::format("probe.interface: \"{}\": {}", interface, std::strerror(code)),
                    code);
    }
    IpAddress source = family_ == IpFamily::v6 ? IpAddress(0, 0) : IpAddress();
    if (settings.source && settings.source->family() == family_) source = *settings.source;
    const SocketAddress address = socket_address(source);
    if (bind(descriptor_, &address.common, size_for(family_)) == 0) {
        return {};
    }
    if (errno == EADDRNOTAVAIL) {
        return fail(ErrorKind::not_found,
                    fmt::format("probe.source_address: {} is not an address of this machine",
                                to_string(source)),
                    EADDRNOTAVAIL);
    }
    return system_failure(fmt::format("probe.source_address: {}", to_string(source)));
}

Result<void> IcmpSocket::adopt_identity() {
    std::array<std::uint64_t, 2> random{};
    if (getrandom(random.data(), sizeof random, 0) != sizeof random) {
        return system_failure("getrandom");
    }
    identity_.cookie = random[0];
    if (kind_ == SocketKind::raw) {
        identity_.id = static_cast<std::uint16_t>(random[1] | 1U);
        return {};
    }
    SocketAddress name{};
    socklen_t size = sizeof name;
    if (getsockname(descriptor_, &name.common, &size) != 0) {
        return system_failure("getsockname");
    }
    identity_.id = ntohs(family_ == IpFamily::v6 ? name.v6.sin6_port : name.v4.sin_port);
    return {};
}

std::span<const RefusedEcho> IcmpSocket::send(std::span<const Echo> echoes) {
    Buffers& b = *buffers_;
    const std::size_t count = std::min<std::size_t>(echoes.size(), kMaxReflectors);
    for (std::size_t i = 0; i < count; ++i) {
        b.echo[i] = encode_echo(identity_, echoes[i].number, family_);
        b.to[i] = socket_address(echoes[i].to);
        b.echo_vector[i] = {b.echo[i].data(), b.echo[i].size()};
        msghdr& header = b.outgoing[i].msg_hdr;
        header = {};
        header.msg_name = &b.to[i];
        header.msg_namelen = size_for(family_);
        header.msg_iov = &b.echo_vector[i];
        header.msg_iovlen = 1;
    }
    std::size_t refused = 0;
    bool second_try = false;
    for (std::size_t i = 0; i < count;) {
        const int sent = sendmmsg(descriptor_, &b.outgoing[i], static_cast<unsigned>(count - i), 0);
        if (sent > 0) {
            i += static_cast<std::size_t>(sent);
            second_try = false;
        } else if (!second_try) {
            // An ICMP error about an earlier echo is reported by the next call, whatever it sends.
            second_try = true;
        } else {
            ++counters_.refused;
            b.refused[refused++] = {echoes[i].number, errno};
            // The kernel bound us to what had the name then; a PPP session that comes back is a
            // new interface. Until it is there this fails, and the next echo tries again.
            if (errno == ENODEV && !interface_.empty()) static_cast<void>(bind_to_interface());
            ++i;
            second_try = false;
        }
    }
    return {b.refused.data(), refused};
}

std::span<const ReceivedPacket> IcmpSocket::read_packets() {
    Buffers& b = *buffers_;
    const std::size_t count = b.receive(descriptor_, MSG_DONTWAIT);
    const IpHeader header = kind_ == SocketKind::raw ? IpHeader::present : IpHeader::absent;
    for (std::size_t i = 0; i < count; ++i) {
        b.received[i].from = address_in(b.from[i], family_);
        b.received[i].stamp = read_ancillary(b.incoming[i].msg_hdr).stamp;
        b.received[i].parsed = family_ == IpFamily::v6 ? parse_reply_v6(b.bytes(i), identity_)
                                                       : parse_reply(b.bytes(i), header, identity_);
    }
    return {b.received.data(), count};
}

IcmpSocket::StampBatch IcmpSocket::read_stamps() {
    Buffers& b = *buffers_;
    const std::size_t count = b.receive(descriptor_, MSG_ERRQUEUE | MSG_DONTWAIT);
    std::size_t stamps = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Ancillary told = read_ancillary(b.incoming[i].msg_hdr);
        if (!told.error) continue;
        if (told.error->ee_origin == SO_EE_ORIGIN_ICMP ||
            told.error->ee_origin == SO_EE_ORIGIN_ICMP6) {
            if (is_our_echo(b.bytes(i), identity_, family_)) ++counters_.icmp_errors;
        } else if (told.error->ee_origin == SO_EE_ORIGIN_TIMESTAMPING && told.stamp &&
                   told.error->ee_info == SCM_TSTAMP_SND) {
            const auto number = find_echo(b.bytes(i), identity_);
            if (number) b.stamps[stamps++] = TransmitStamp{*number, *told.stamp};
        }
    }
    return {{b.stamps.data(), stamps}, count < kBatch};
}

}  // namespace wanctl::probe
