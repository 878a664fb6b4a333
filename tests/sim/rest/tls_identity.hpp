// The simulated router's certificate: made here, signed by an authority of its own.
#pragma once

#include <string>
#include <vector>

#include "common/error.hpp"

namespace wanctl::sim {

// Everything in PEM but the pin, which is curl's form: "sha256//" and the base64 of the key's
// digest.
struct TlsIdentity {
    std::string ca_pem;
    std::string certificate_pem;
    std::string key_pem;
    std::string pin;
};

// A fresh authority and a server certificate valid for these names and addresses.
[[nodiscard]] Result<TlsIdentity> make_tls_identity(const std::vector<std::string>& names);

// The identity kept in a directory (ca.pem, server.pem, server.key), so that a restarted router is
// still known to its clients; made and written on first use. An identity found there keeps its own
// names.
[[nodiscard]] Result<TlsIdentity> load_or_make_tls_identity(const std::string& directory,
                                                            const std::vector<std::string>& names);

}  // namespace wanctl::sim
