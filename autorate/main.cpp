// wanctl-autorate: composition only.
#include <sys/prctl.h>

#include <iostream>

#include "autorate/options.hpp"
#include "autorate/replay.hpp"
#include "autorate/service.hpp"
#include "common/config/parse.hpp"
#include "common/config/reference_text.hpp"
#include "common/exit_code.hpp"

namespace {

using namespace wanctl;

int tell_checked(const std::vector<autorate::ConfigFile>& files) {
    int code = exit_code::kOk;
    for (const autorate::ConfigFile& file : files) {
        for (const ConfigErrors* told : {&file.warnings, &file.omissions}) {
            for (const ConfigError& each : *told) std::cerr << each.text() << '\n';
        }
        if (file.omissions.empty()) {
            std::cout << file.config.file << ": no errors\n";
        } else {
            std::cout << file.config.file << ": the daemon runs, but without what is left out\n";
            code = exit_code::kConfiguration;
        }
    }
    return code;
}

int run(const autorate::Options& options) {
    using Command = autorate::Options::Command;
    if (options.command == Command::print_config_reference) {
        std::cout << autorate_config_reference();
        return exit_code::kOk;
    }
    auto parsed = load_autorate_set(options.configs);
    if (!parsed) {
        for (const ConfigError& error : parsed.error()) {
            std::cerr << error.text() << '\n';
        }
        return exit_code::kConfiguration;
    }
    if (options.command == Command::replay) {
        return autorate::replay_file(parsed->front().config, options.input);
    }
    if (options.command == Command::check_config) {
        return tell_checked(*parsed);
    }
    // The routers' passwords are in this memory: no core file, and no look into it but root's.
    ::prctl(PR_SET_DUMPABLE, 0);
    const SystemClock clock;
    Log log(log_options(parsed->front().config.log), clock);
    for (const autorate::ConfigFile& file : *parsed) {
        for (const ConfigError& warning : file.warnings) {
            log.warning(warning.text());
        }
        for (const ConfigError& omission : file.omissions) {
            log.error(omission.text());
        }
    }
    return autorate::run_service(std::move(*parsed), clock, log);
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
