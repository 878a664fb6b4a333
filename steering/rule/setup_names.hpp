// What the router's set-up for steering is made of: names that follow from the configuration, and
// what only the administrator knows.
#pragma once

#include <string>

#include "common/config/steering_config.hpp"

namespace wanctl::steering {

struct SetupNames {
    std::string primary;
    std::string alternate;
    std::string comment;      // of the one rule
    std::string table;        // leads out by the alternate
    std::string mark;         // of steered connections
    std::string answer_mark;  // of connections that came in by the alternate
    std::string user;         // that toggles
    std::string stats_user;   // that only reads; may be empty
    // In capitals until given: the router refuses to read that as a gateway or a port.
    std::string gateway = "GATEWAY%PORT";
    std::string lan_list = "LAN";

    // The port of the gateway: what stands after its percent sign.
    [[nodiscard]] std::string port() const { return gateway.substr(gateway.find('%') + 1); }
};

[[nodiscard]] SetupNames setup_names(const SteeringConfig& config);

}  // namespace wanctl::steering
