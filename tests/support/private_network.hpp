// A network namespace of the test program's own, so that no echo leaves it.
#pragma once

#include <string>

namespace wanctl::test {

// Moves the whole program into a fresh namespace, once: loopback up, no other device, no route.
// As a user it needs user namespaces. Returns why not, or an empty text.
[[nodiscard]] std::string enter_private_network();

// Whether packets pass over the loopback device of this namespace; without it they vanish.
[[nodiscard]] bool set_loopback(bool up);

// Gives this namespace's loopback device an IPv6 address; what is sent to it is answered. False
// also where the kernel has no IPv6.
[[nodiscard]] bool add_loopback_v6(const std::string& address);

// Allows or refuses datagram ICMP in this namespace.
[[nodiscard]] bool allow_datagram_icmp(bool allowed);

// Nobody in this namespace answers echoes while it lives.
class Silence {
  public:
    Silence();
    ~Silence();
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
};

// Takes CAP_NET_RAW away while it lives.
class WithoutRawSockets {
  public:
    WithoutRawSockets();
    ~WithoutRawSockets();
    WithoutRawSockets(const WithoutRawSockets&) = delete;
    WithoutRawSockets& operator=(const WithoutRawSockets&) = delete;

  private:
    unsigned effective_[2] = {};
};

}  // namespace wanctl::test

// Leaves the test case with a message where the system does not allow namespaces.
#define WANCTL_NEEDS_PRIVATE_NETWORK()                                     \
    do {                                                                   \
        const std::string why_not = wanctl::test::enter_private_network(); \
        if (!why_not.empty()) {                                            \
            WARN("skipped: " << why_not);                                  \
            return;                                                        \
        }                                                                  \
    } while (false)
