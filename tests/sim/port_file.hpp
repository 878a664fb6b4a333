// What a started simulator tells its clients: where it listens and how it is known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/error.hpp"

namespace wanctl::sim {

struct PortFile {
    std::optional<std::uint16_t> http_port;
    std::optional<std::uint16_t> https_port;
    std::string ca_file;  // empty without TLS
    std::string pin;      // curl's form, "sha256//..."
    std::string control;  // empty without a control channel
};

// One JSON object, put in place whole: who sees the file sees all of it.
[[nodiscard]] Result<void> write_port_file(const std::string& path, const PortFile& content);

}  // namespace wanctl::sim
