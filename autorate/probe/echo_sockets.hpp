// The ICMP sockets of one WAN: one for each family that its reflectors need.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "autorate/probe/icmp_socket.hpp"
#include "autorate/probe/reflector_set.hpp"

namespace wanctl::probe {

class EchoSockets {
  public:
    // A family is needed for an address of it; a name may need either. The settings' family does
    // not count. An error when a socket cannot be opened, except IPv6 for names only on a machine
    // without IPv6: then they are asked over IPv4.
    [[nodiscard]] static Result<EchoSockets> open(const SocketSettings& settings,
                                                  const ReflectorSet& reflectors);

    // At least one, IPv4 first; the order never changes.
    [[nodiscard]] std::span<const std::unique_ptr<IcmpSocket>> all() const { return sockets_; }
    [[nodiscard]] std::vector<int> descriptors() const;
    [[nodiscard]] bool reaches(IpFamily family) const { return of(family) != nullptr; }
    // Whether an echo was ever sent through the socket `index` of all(): nothing comes back through
    // the others.
    [[nodiscard]] bool used(std::size_t index) const { return used_[index]; }

    // As IcmpSocket::send, each through the socket of its family; what was refused is in the order
    // of `echoes`. No allocation.
    std::span<const RefusedEcho> send(std::span<const Echo> echoes);
    [[nodiscard]] SocketCounters counters() const;

  private:
    [[nodiscard]] IcmpSocket* of(IpFamily family) const;

    std::vector<std::unique_ptr<IcmpSocket>> sockets_;
    std::array<bool, kFamilies> used_{};
    std::array<Echo, kMaxReflectors> part_{};
    std::array<RefusedEcho, kMaxReflectors> refused_{};
    std::uint64_t unreachable_ = 0;  // echoes for which there is no socket
};

}  // namespace wanctl::probe
