// What every transfer of ours is told alike: HTTP only, nothing out of the environment, no
// redirections, and certificates that are checked.
#pragma once

#include <chrono>
#include <string>

namespace wanctl::transfer {

class EasyHandle;

struct Trust {
    const std::string& ca_file;            // PEM; empty: the system's certificates
    const std::string& pinned_public_key;  // "sha256//...": replaces the check of chain and name
    bool verify = true;
};

struct Patience {
    std::chrono::milliseconds connect;
    std::chrono::milliseconds request;  // the whole of it
};

// Throw std::runtime_error when this libcurl refuses an option.
void set_limits(EasyHandle& easy, const Patience& patience);
void set_trust(EasyHandle& easy, const Trust& trust);

}  // namespace wanctl::transfer
