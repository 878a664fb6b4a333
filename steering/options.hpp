// The command line of wanctl-steering.
#pragma once

#include <optional>
#include <string>

namespace wanctl::steering {

struct Options {
    enum class Command { run, replay, check, router_setup, check_config, print_config_reference };
    Command command = Command::run;
    std::string config;
    std::string input;    // of replay; "-" is standard input
    std::string gateway;  // of router-setup, ADDRESS%PORT; empty: left open in the text
    std::string lan_list = "LAN";
};

// Prints help, version or what is wrong itself; then there are no options but an exit code.
struct ParsedOptions {
    std::optional<Options> options;
    int exit_code = 0;
};

ParsedOptions parse_options(int argc, char** argv);

}  // namespace wanctl::steering
