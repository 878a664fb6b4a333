// wanctl-steering: composition only.
#include <sys/prctl.h>

#include <iostream>

#include "common/config/parse.hpp"
#include "common/config/reference_text.hpp"
#include "common/exit_code.hpp"
#include "common/log/log.hpp"
#include "steering/check.hpp"
#include "steering/options.hpp"
#include "steering/replay.hpp"
#include "steering/rule/setup_text.hpp"
#include "steering/service.hpp"

namespace {

using namespace wanctl;

int run(const steering::Options& options) {
    using Command = steering::Options::Command;
    if (options.command == Command::print_config_reference) {
        std::cout << steering_config_reference();
        return exit_code::kOk;
    }
    ParsedSteering parsed = load_steering(options.config);
    if (!parsed) {
        for (const ConfigError& error : parsed.error()) {
            std::cerr << error.text() << '\n';
        }
        return exit_code::kConfiguration;
    }
    if (options.command == Command::replay) {
        return steering::replay_file(parsed->config, options.input);
    }
    if (options.command == Command::router_setup) {
        return steering::print_router_setup(parsed->config, options.gateway, options.lan_list);
    }
    // The router's password comes into this memory: no core file, and no look into it but root's.
    ::prctl(PR_SET_DUMPABLE, 0);
    if (options.command == Command::check) {
        return steering::check(parsed->config);
    }
    if (options.command == Command::check_config) {
        for (const ConfigErrors* told : {&parsed->warnings, &parsed->omissions}) {
            for (const ConfigError& each : *told) std::cerr << each.text() << '\n';
        }
        const bool whole = parsed->omissions.empty();
        std::cout << options.config
                  << (whole ? ": no errors\n"
                            : ": the daemon runs, but without what is left out\n");
        return whole ? exit_code::kOk : exit_code::kConfiguration;
    }
    const SystemClock clock;
    Log log(log_options(parsed->config.log), clock);
    for (const ConfigError& warning : parsed->warnings) {
        log.warning(warning.text());
    }
    for (const ConfigError& omission : parsed->omissions) {
        log.error(omission.text());
    }
    return steering::run_service(std::move(*parsed), clock, log);
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    const auto parsed = steering::parse_options(argc, argv);
    if (!parsed.options) {
        return parsed.exit_code;
    }
    try {
        return run(*parsed.options);
    } catch (const std::exception& error) {
        std::cerr << "wanctl-steering: " << error.what() << '\n';
        return exit_code::kInternal;
    }
}
