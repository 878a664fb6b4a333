// One non-blocking ICMP or ICMPv6 socket with the kernel's transmit and receive time stamps.
//
// Datagram ICMP (no privilege, the kernel owns the id) where the system allows it, raw otherwise.
// Nothing that arrives is an error: what is not a reply to us is returned with its fault, ICMP
// errors on the error queue are counted. No allocation after open().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "autorate/probe/icmp_packet.hpp"
#include "common/error.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

enum class SocketKind : std::uint8_t { automatic, datagram, raw };

struct SocketSettings {
    SocketKind kind = SocketKind::automatic;
    std::optional<IpAddress> source;  // one of the other family binds nothing
    std::string interface;            // empty: the routing table decides
    IpFamily family = IpFamily::v4;
};

struct ReceivedPacket {
    IpAddress from;
    std::optional<WallTime> stamp;
    ParsedReply parsed = tl::unexpected(PacketFault::truncated);
};

struct TransmitStamp {
    std::uint64_t number = 0;  // of the echo
    WallTime time;
};

// An echo that the system did not take: no route, forbidden, no buffers.
struct RefusedEcho {
    std::uint64_t number = 0;
    int error = 0;  // errno
};

struct SocketCounters {
    std::uint64_t refused = 0;      // echoes that the system did not take
    std::uint64_t icmp_errors = 0;  // unreachable, time exceeded ... about echoes of ours
};

class IcmpSocket {
  public:
    // What one read call returns at most; a shorter result means that the queue is empty.
    static constexpr std::size_t kBatch = 32;

    // The error says what to allow, or which setting does not fit this machine.
    [[nodiscard]] static Result<std::unique_ptr<IcmpSocket>> open(const SocketSettings& settings);
    ~IcmpSocket();
    IcmpSocket(const IcmpSocket&) = delete;
    IcmpSocket& operator=(const IcmpSocket&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] SocketKind kind() const { return kind_; }  // datagram or raw
    [[nodiscard]] IpFamily family() const { return family_; }
    [[nodiscard]] const EchoIdentity& identity() const { return identity_; }
    [[nodiscard]] const SocketCounters& counters() const { return counters_; }

    // Sends at most kMaxReflectors echoes to addresses of its family and returns those that the
    // system refused, which costs the others nothing. A socket bound to an interface follows it
    // when it is made anew under its name. The spans live until the next call of the same function.
    std::span<const RefusedEcho> send(std::span<const Echo> echoes);
    [[nodiscard]] std::span<const ReceivedPacket> read_packets();
    // Reads the error queue. Shorter than kBatch does not mean empty here, see `emptied`.
    struct StampBatch {
        std::span<const TransmitStamp> stamps;
        bool emptied = true;
    };
    [[nodiscard]] StampBatch read_stamps();

  private:
    struct Buffers;

    IcmpSocket(int descriptor, SocketKind kind, IpFamily family);
    [[nodiscard]] Result<void> configure(const SocketSettings& settings);
    [[nodiscard]] Result<void> bind_to(const SocketSettings& settings);
    [[nodiscard]] Result<void> adopt_identity();
    [[nodiscard]] bool bind_to_interface() const;

    int descriptor_;
    SocketKind kind_;
    IpFamily family_;
    std::string interface_;
    EchoIdentity identity_;
    SocketCounters counters_;
    std::unique_ptr<Buffers> buffers_;
};

}  // namespace wanctl::probe
