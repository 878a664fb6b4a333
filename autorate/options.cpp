#include "autorate/options.hpp"

#include "common/command_line.hpp"
#include "common/version.hpp"

namespace wanctl::autorate {

ParsedOptions parse_options(int argc, char** argv) {
    CLI::App app(
        "Keeps a WAN's latency low while it is full: measures RTT to reflectors and sets the "
        "limits of two CAKE queues on a MikroTik router.",
        "wanctl-autorate");
    app.set_version_flag("--version", std::string(kVersion));
    Options options;
    bool print_reference = false;
    bool check = false;
    app.add_option("--config", options.configs,
                   "configuration file (TOML) of a WAN; may be given several times")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_flag("--check-config", check, "say what is wrong with the configuration, and stop");
    app.add_flag("--print-config-reference", print_reference,
                 "print every key with its default, unit and range, and stop");
    CLI::App* replay =
        app.add_subcommand("replay", "run a recorded series of RTTs through the law");
    std::string replayed;
    replay->add_option("--config", replayed, "configuration file (TOML) of the WAN")->required();
    replay->add_option("--input", options.input, "JSON lines {\"t\", \"rtt_ms\"}; - is stdin")
        ->required();
    const auto ended = parse_command_line(app, argc, argv, [&] {
        if (replay->parsed()) options.configs = {replayed};
        return !print_reference && options.configs.empty();
    });
    if (ended) return {std::nullopt, *ended};
    if (print_reference) {
        options.command = Options::Command::print_config_reference;
    } else if (replay->parsed()) {
        options.command = Options::Command::replay;
    } else if (check) {
        options.command = Options::Command::check_config;
    }
    return {options, exit_code::kOk};
}

}  // namespace wanctl::autorate
