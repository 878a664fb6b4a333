// The command line of routeros-sim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "tests/sim/line/line_options.hpp"
#include "tests/sim/rest/request_desk.hpp"
#include "tests/sim/rest/rest_server.hpp"

namespace wanctl::sim {

struct ListenAddress {
    std::string address;
    std::uint16_t port = 0;  // 0 = any free one
};

struct QueueOption {
    std::string name;
    std::string max_limit = "0";
};

struct SimOptions {
    std::optional<ListenAddress> http;
    std::optional<ListenAddress> https;
    std::vector<std::string> tls_names;  // the certificate's names, beside the address listened on
    std::string tls_dir;                 // empty = the port file's directory
    std::string port_file;
    std::string control;
    std::string script;
    std::vector<QueueOption> queues;
    RouterModelOptions model;
    RequestDeskOptions desk;
    RestServerOptions server;
    LineOptions line;
    bool quiet = false;
};

// The options, or the exit code when there is nothing to run: help was asked for, or an error was
// printed.
struct ParsedOptions {
    std::optional<SimOptions> options;
    int exit_code = 0;
};

[[nodiscard]] ParsedOptions parse_sim_options(int argc, const char* const* argv);

// "127.0.0.1:8728" or "[::1]:0".
[[nodiscard]] Result<ListenAddress> parse_listen_address(const std::string& text);
// "NAME" or "NAME:20M".
[[nodiscard]] QueueOption parse_queue_option(const std::string& text);
// "NAME:read,write,api,rest-api"; the passwords are lines "NAME:PASSWORD".
[[nodiscard]] Result<std::vector<User>> parse_users(const std::vector<std::string>& users,
                                                    const std::string& passwords);

}  // namespace wanctl::sim
