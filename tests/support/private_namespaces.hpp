// A private network (private_network.hpp) and a mount namespace besides, so that a test program may
// have TUN devices, routes and shared memory that nobody else sees.
#pragma once

#include <string>

namespace wanctl::test {

// Moves the calling process, which must have one thread, into new namespaces (as an ordinary user
// within a new user namespace): only loopback there, which is up, and an empty /dev/shm. Empty when
// it worked and a TUN device can be made; else one line that says what is missing.
[[nodiscard]] std::string enter_private_namespaces();

}  // namespace wanctl::test
