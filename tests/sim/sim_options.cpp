#include "tests/sim/sim_options.hpp"

#include <charconv>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

// The options as they are typed, before they are made into values.
struct Typed {
    std::string listen;
    std::string tls;
    std::vector<std::string> users;
    std::string password_file;
    std::vector<std::string> queues;
    double latency_median_ms = 12.0;
    double latency_p99_ms = 60.0;
    double login_ms = 120.0;
    double command_limit_s = 60.0;
    double idle_limit_s = 60.0;
};

void declare(CLI::App& app, Typed& typed, SimOptions& options) {
    app.add_option("--listen", typed.listen, "ADDR:PORT for HTTP (port 0: any free one)");
    app.add_option("--tls", typed.tls, "ADDR:PORT for HTTPS (port 0: any free one)");
    app.add_option("--tls-name", options.tls_names, "further name of the certificate (repeatable)");
    app.add_option("--tls-dir", options.tls_dir,
                   "keeps ca.pem and the server's key; default: where the port file is");
    app.add_option("--port-file", options.port_file, "written once it listens: ports, CA, pin");
    app.add_option("--control", options.control,
                   "Unix socket for commands, one JSON object a line");
    app.add_option("--script", options.script, "file of commands with \"at_s\", run by themselves");
    app.add_option("--user", typed.users,
                   "NAME:POLICIES, such as wanctl:read,write,api,rest-api (repeatable)");
    app.add_option("--password-file", typed.password_file, "lines NAME:PASSWORD");
    app.add_option("--queue", typed.queues, "NAME[:MAX-LIMIT], a queue of the tree (repeatable)");
    app.add_option("--seed", options.desk.service_time.seed, "of the service times");
    app.add_option("--latency-median-ms", typed.latency_median_ms, "service time; 0: none")
        ->check(CLI::Range(0.0, 60'000.0));
    app.add_option("--latency-p99-ms", typed.latency_p99_ms)->check(CLI::Range(0.0, 600'000.0));
    app.add_option("--login-ms", typed.login_ms, "added when a login is not cached")
        ->check(CLI::Range(0.0, 60'000.0));
    app.add_option("--command-limit-s", typed.command_limit_s, "then: Session closed")
        ->check(CLI::Range(0.001, 3600.0));
    app.add_option("--idle-limit-s", typed.idle_limit_s, "closes a silent connection")
        ->check(CLI::Range(0.001, 86'400.0));
    app.add_option("--max-sessions", options.server.max_sessions)->check(CLI::Range(1, 1000));
    app.add_option("--sectors-per-change", options.model.sectors_per_change,
                   "flash sectors one change of the configuration writes");
    app.add_flag("!--no-two-wans", options.model.two_wans,
                 "starts without the routes and rules of two WANs and steering");
    app.add_option("--rule-comment", options.model.rule_comment,
                   "comment of the steering rule it starts with");
    declare_line_options(app, options.line);
    app.add_flag("--quiet", options.quiet, "prints errors only");
}

Result<std::string> file_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return fail(ErrorKind::invalid_input, fmt::format("{}: cannot be read", path));
    return text.str();
}

Result<void> fill_addresses(const Typed& typed, SimOptions& options) {
    for (const auto& [text, target] :
         {std::pair(&typed.listen, &options.http), std::pair(&typed.tls, &options.https)}) {
        if (text->empty()) continue;
        auto address = parse_listen_address(*text);
        if (!address) return tl::unexpected(address.error());
        *target = std::move(*address);
    }
    if (!options.http && !options.https) {
        return fail(ErrorKind::invalid_input, "nothing to listen on: give --listen or --tls");
    }
    return {};
}

Result<void> fill(const Typed& typed, SimOptions& options) {
    if (auto done = fill_addresses(typed, options); !done) return done;
    std::string passwords;
    if (!typed.password_file.empty()) {
        auto text = file_text(typed.password_file);
        if (!text) return tl::unexpected(text.error());
        passwords = std::move(*text);
    }
    auto users = parse_users(typed.users, passwords);
    if (!users) return tl::unexpected(users.error());
    options.desk.users = std::move(*users);
    for (const auto& queue : typed.queues) options.queues.push_back(parse_queue_option(queue));
    options.desk.service_time.median = from_ms(typed.latency_median_ms);
    options.desk.service_time.p99 = from_ms(typed.latency_p99_ms);
    options.desk.login_time = from_ms(typed.login_ms);
    options.desk.command_limit = from_ms(typed.command_limit_s * 1e3);
    options.server.idle_limit = from_ms(typed.idle_limit_s * 1e3);
    return {};
}

}  // namespace

ParsedOptions parse_sim_options(int argc, const char* const* argv) {
    CLI::App app("A simulated RouterOS 7 router: its REST interface over HTTP and HTTPS.");
    Typed typed;
    SimOptions options;
    declare(app, typed, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {std::nullopt, app.exit(error) == 0 ? exit_code::kOk : exit_code::kUsage};
    }
    if (const auto done = fill(typed, options); !done) {
        std::cerr << "routeros-sim: " << done.error().message << '\n';
        return {std::nullopt, exit_code::kUsage};
    }
    return {std::move(options), exit_code::kOk};
}

Result<ListenAddress> parse_listen_address(const std::string& text) {
    const auto colon = text.rfind(':');
    ListenAddress listen{text.substr(0, colon), 0};
    if (listen.address.starts_with('[') && listen.address.ends_with(']')) {
        listen.address = listen.address.substr(1, listen.address.size() - 2);
    }
    if (colon != text.npos) {
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, listen.port);
        if (error == std::errc() && stop == end && !listen.address.empty()) return listen;
    }
    return fail(ErrorKind::invalid_input,
                fmt::format("'{}' is not ADDR:PORT, such as 127.0.0.1:0", text));
}

QueueOption parse_queue_option(const std::string& text) {
    // A name may hold colons itself: only a rate after the last one is a limit.
    const auto colon = text.rfind(':');
    if (colon == text.npos || !parse_rate(text.substr(colon + 1))) return {text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

Result<std::vector<User>> parse_users(const std::vector<std::string>& users,
                                      const std::string& passwords) {
    std::map<std::string, std::string> password_of;
    for (const auto& line : split(passwords, '\n')) {
        const auto colon = line.find(':');
        if (colon != line.npos) password_of[line.substr(0, colon)] = line.substr(colon + 1);
    }
    std::vector<User> parsed;
    for (const auto& text : users) {
        const auto colon = text.find(':');
        User user;
        user.name = text.substr(0, colon);
        if (colon == text.npos || user.name.empty()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("user '{}': give NAME:POLICIES", text));
        }
        for (auto& policy : split(text.substr(colon + 1), ',')) user.policies.insert(policy);
        const auto password = password_of.find(user.name);
        if (password == password_of.end()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("user {}: no line of its own in the password file", user.name));
        }
        user.password = password->second;
        parsed.push_back(std::move(user));
    }
    return parsed;
}

}  // namespace wanctl::sim
