#include "tests/sim/router_program.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/port_file.hpp"
#include "tests/sim/rest/tls_identity.hpp"

namespace wanctl::sim {
namespace {

std::string tls_directory(const SimOptions& options) {
    if (!options.tls_dir.empty()) return options.tls_dir;
    return std::filesystem::absolute(options.port_file).parent_path().string();
}

Result<TlsIdentity> tls_identity(const SimOptions& options) {
    auto names = options.tls_names;
    names.push_back(options.https->address);
    if (options.port_file.empty() && options.tls_dir.empty()) return make_tls_identity(names);
    return load_or_make_tls_identity(tls_directory(options), names);
}

}  // namespace

RouterProgram::RouterProgram(boost::asio::io_context& loop, const Clock& clock, SimOptions options)
    : loop_(loop),
      options_(std::move(options)),
      model_(clock, options_.model),
      desk_(loop, clock, model_, options_.desk),
      server_(loop, desk_, options_.server),
      router_commands_(loop, {model_, desk_, server_, clock}, [this] { loop_.stop(); }),
      control_(loop, commands_) {
    router_commands_.add_to(commands_);
}

Result<void> RouterProgram::start() {
    return make_queues()
        .and_then([this] { return start_script(); })
        .and_then([this] {
            return options_.control.empty() ? Result<void>() : control_.listen(options_.control);
        })
        .and_then([this] { return listen(); });
}

Result<void> RouterProgram::make_queues() {
    for (const auto& queue : options_.queues) {
        const auto made = model_.queues().add(
            {{"max-limit", queue.max_limit}, {"name", queue.name}, {"parent", "global"}}, "admin");
        if (!made) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("queue {}: {}", queue.name, made.error().detail));
        }
    }
    return {};
}

Result<void> RouterProgram::listen() {
    PortFile told;
    if (!options_.control.empty()) {
        told.control = std::filesystem::absolute(options_.control).string();
    }
    if (options_.http) {
        const auto port = server_.listen(options_.http->address, options_.http->port);
        if (!port) return tl::unexpected(port.error());
        told.http_port = *port;
    }
    if (options_.https) {
        const auto identity = tls_identity(options_);
        if (!identity) return tl::unexpected(identity.error());
        const auto port = server_.listen(options_.https->address, options_.https->port, &*identity);
        if (!port) return tl::unexpected(port.error());
        told.https_port = *port;
        told.pin = identity->pin;
        told.ca_file = (std::filesystem::path(tls_directory(options_)) / "ca.pem").string();
    }
    if (!options_.quiet) {
        std::cout << fmt::format("http port {}, https port {}, key {}\n",
                                 told.http_port.value_or(0), told.https_port.value_or(0), told.pin)
                  << std::flush;
    }
    if (options_.port_file.empty()) return {};
    return write_port_file(options_.port_file, told);
}

Result<void> RouterProgram::start_script() {
    if (options_.script.empty()) return {};
    std::ifstream file(options_.script);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        return fail(ErrorKind::invalid_input, fmt::format("{}: cannot be read", options_.script));
    }
    auto script = parse_script(text.str());
    if (!script) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: {}", options_.script, script.error().message));
    }
    auto report = [quiet = options_.quiet](const std::string& line, const std::string& answer) {
        if (!quiet) std::cout << line << " -> " << answer << '\n' << std::flush;
    };
    script_ = std::make_unique<TimedScript>(loop_, commands_, std::move(*script), report);
    script_->start();
    return {};
}

}  // namespace wanctl::sim
