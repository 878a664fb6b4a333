// wanctl-autorate: composition only.
#include <iostream>

#include "autorate/options.hpp"
#include "autorate/replay.hpp"
#include "autorate/service.hpp"
#include "common/config/parse.hpp"
#include "common/config/reference_text.hpp"
#include "common/exit_code.hpp"

namespace {

using namespace wanctl;

int run(const autorate::Options& options) {
    using Command = autorate::Options::Command;
    if (options.command == Command::print_config_reference) {
        std::cout << autorate_config_reference();
        return exit_code::kOk;
    }
    const ParsedAutorate parsed = load_autorate(options.config);
    if (!parsed) {
        for (const ConfigError& error : parsed.error()) {
            std::cerr << error.text() << '\n';
        }
        return exit_code::kConfiguration;
    }
    if (options.command == Command::replay) {
        return autorate::replay_file(parsed->config, options.input);
    }
    if (options.command == Command::check_config) {
        for (const ConfigError& warning : parsed->warnings) {
            std::cerr << warning.text() << '\n';
        }
        std::cout << options.config << ": no errors\n";
        return exit_code::kOk;
    }
    const SystemClock clock;
    Log log(log_options(parsed->config.log), clock);
    for (const ConfigError& warning : parsed->warnings) {
        log.warning(warning.text(), {});
    }
    return autorate::run_service(parsed->config, clock, log);
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    const auto parsed = autorate::parse_options(argc, argv);
    if (!parsed.options) {
        return parsed.exit_code;
    }
    try {
        return run(*parsed.options);
    } catch (const std::exception& error) {
        std::cerr << "wanctl-autorate: " << error.what() << '\n';
        return exit_code::kInternal;
    }
}
