// A raw ICMP socket of the tests' own: sees the requests on loopback and sends what it is told.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <vector>

#include "autorate/probe/icmp_packet.hpp"

namespace wanctl::test {

using namespace wanctl::probe;

// Long enough for any machine; never waited out when all is well.
inline constexpr std::chrono::seconds kDeadline{20};

inline bool wait_readable(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    const auto ms = std::chrono::milliseconds(kDeadline).count();
    return poll(&waiting, 1, static_cast<int>(ms)) == 1;
}

class LoopbackPeer {
  public:
    LoopbackPeer() : descriptor_(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)) {}
    ~LoopbackPeer() { close(descriptor_); }
    LoopbackPeer(const LoopbackPeer&) = delete;
    LoopbackPeer& operator=(const LoopbackPeer&) = delete;

    [[nodiscard]] bool usable() const { return descriptor_ >= 0; }

    // The next packet of this ICMP type, with its IP header; empty at the deadline.
    [[nodiscard]] std::vector<std::byte> next(std::byte type) {
        const auto end = std::chrono::steady_clock::now() + kDeadline;
        while (std::chrono::steady_clock::now() < end && wait_readable(descriptor_)) {
            std::vector<std::byte> packet(1500);
            const ssize_t size = recv(descriptor_, packet.data(), packet.size(), 0);
            if (size < 28) continue;
            packet.resize(static_cast<std::size_t>(size));
            if (packet[20] == type) return packet;
        }
        return {};
    }

    // Sends `icmp` to 127.0.0.1 with the checksum it has.
    bool send(const std::vector<std::byte>& icmp) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sendto(descriptor_, icmp.data(), icmp.size(), 0,
                      reinterpret_cast<const sockaddr*>(&to),
                      sizeof to) == static_cast<ssize_t>(icmp.size());
    }

    static void seal(std::vector<std::byte>& icmp) {
        icmp[2] = icmp[3] = std::byte{0};
        const std::uint16_t sum = internet_checksum(icmp);
        icmp[2] = static_cast<std::byte>(sum >> 8);
        icmp[3] = static_cast<std::byte>(sum & 0xff);
    }

    // The reply to echo `number`, as somebody with this identity would see it.
    static std::vector<std::byte> reply(const EchoIdentity& identity, std::uint64_t number) {
        const EchoPacket request = encode_echo(identity, number);
        std::vector<std::byte> icmp(request.begin(), request.end());
        icmp[0] = std::byte{0};
        seal(icmp);
        return icmp;
    }

    // "Host unreachable" about an echo with this identity, sent from 127.0.0.1 to 127.0.0.9.
    static std::vector<std::byte> unreachable(const EchoIdentity& identity) {
        std::vector<std::byte> icmp(8, std::byte{0});
        icmp[0] = std::byte{3};
        icmp[1] = std::byte{1};
        std::vector<std::byte> about(20, std::byte{0});
        about[0] = std::byte{0x45};
        about[3] = std::byte{20 + kEchoSize};
        about[8] = std::byte{64};
        about[9] = std::byte{1};
        const std::uint32_t source = htonl(INADDR_LOOPBACK);
        const std::uint32_t target = htonl(0x7f000009);
        std::memcpy(&about[12], &source, sizeof source);
        std::memcpy(&about[16], &target, sizeof target);
        const EchoPacket echo = encode_echo(identity, 1);
        icmp.insert(icmp.end(), about.begin(), about.end());
        icmp.insert(icmp.end(), echo.begin(), echo.end());
        seal(icmp);
        return icmp;
    }

  private:
    int descriptor_;
};

}  // namespace wanctl::test
