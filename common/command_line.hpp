// What the command lines of the programs end in. For the .cpp files that declare one only: CLI11 is
// a heavy header.
#pragma once

#include <optional>

#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"

namespace wanctl {

// Reads the words into what `app` declares. `config_missing` is asked then, as several subcommands
// may or may not need one. Nothing, or what to exit with: help, version or what is wrong has been
// printed.
template <typename Question>
[[nodiscard]] std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv,
                                                    Question config_missing) {
    try {
        app.parse(argc, argv);
        if (config_missing()) throw CLI::RequiredError("--config");
    } catch (const CLI::ParseError& error) {
        // 0 after --help and --version.
        return app.exit(error) == 0 ? exit_code::kOk : exit_code::kUsage;
    }
    return std::nullopt;
}

}  // namespace wanctl
