#include "steering/options.hpp"

#include "common/command_line.hpp"
#include "common/version.hpp"

namespace wanctl::steering {

ParsedOptions parse_options(int argc, char** argv) {
    CLI::App app(
        "Decides when latency-sensitive connections leave a congested WAN for another, and when "
        "they come back.",
        "wanctl-steering");
    app.set_version_flag("--version", std::string(kVersion));
    Options options;
    bool print_reference = false;
    bool check = false;
    app.add_option("--config", options.config, "configuration file (TOML) of steering");
    app.add_flag("--check-config,--check", check,
                 "say what is wrong with the configuration, and stop");
    app.add_flag("--print-config-reference", print_reference,
                 "print every key with its default, unit and range, and stop");
    CLI::App* replay = app.add_subcommand("replay", "run recorded signals through the decisions");
    replay->add_option("--config", options.config, "configuration file (TOML) of steering")
        ->required();
    replay
        ->add_option("--input", options.input,
                     "JSON lines {\"t\", \"zone\", \"delta_ms\", \"drops\", \"queue\"}; - is stdin")
        ->required();
    CLI::App* check_router = app.add_subcommand(
        "check", "read the router's rules and say what is wrong for steering, and what mends it");
    check_router->add_option("--config", options.config, "configuration file (TOML) of steering")
        ->required();
    CLI::App* setup = app.add_subcommand(
        "router-setup", "print the console commands that set the router up for steering");
    setup->add_option("--config", options.config, "configuration file (TOML) of steering")
        ->required();
    setup->add_option("--gateway", options.gateway,
                      "gateway of the alternate and its port, such as 198.51.100.1%ether2");
    setup->add_option("--lan-list", options.lan_list, "interface list of the LAN's ports");
    const auto ended = parse_command_line(
        app, argc, argv, [&] { return !print_reference && options.config.empty(); });
    if (ended) return {std::nullopt, *ended};
    if (print_reference) {
        options.command = Options::Command::print_config_reference;
    } else if (replay->parsed()) {
        options.command = Options::Command::replay;
    } else if (check_router->parsed()) {
        options.command = Options::Command::check;
    } else if (setup->parsed()) {
        options.command = Options::Command::router_setup;
    } else if (check) {
        options.command = Options::Command::check_config;
    }
    return {options, exit_code::kOk};
}

}  // namespace wanctl::steering
