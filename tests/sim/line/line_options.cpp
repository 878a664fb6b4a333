#include "tests/sim/line/line_options.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace wanctl::sim {
namespace {

tl::unexpected<Error> bad(std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message));
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Sets the option that a member of a SPEC names; the ranges are those of the options themselves.
Result<void> put(LineOptions& options, const std::string& key, const std::string& value) {
    if (key == "capacity" || key == "trace" || key == "generator") {
        // A line has one source of its capacity: its own replaces the common one.
        options.trace.clear();
        options.generator.clear();
        (key == "capacity" ? options.capacity
         : key == "trace"  ? options.trace
                           : options.generator) = value;
        return {};
    }
    const auto figure = number(value);
    const auto in = [&figure](double most) { return figure && *figure >= 0 && *figure <= most; };
    if (key == "fifo-ms" && in(60'000))
        options.fifo_ms = *figure;
    else if (key == "base-rtt-ms" && in(10'000))
        options.base_rtt_ms = *figure;
    else if (key == "jitter-ms" && in(10'000))
        options.jitter_ms = *figure;
    else if (key == "loss" && in(1))
        options.loss = *figure;
    else if (key == "flows-down" && in(kMaxFlows))
        options.flows_down = static_cast<unsigned>(*figure);
    else if (key == "flows-up" && in(kMaxFlows))
        options.flows_up = static_cast<unsigned>(*figure);
    else if (key == "seed" && in(1e15))
        options.seed = static_cast<std::uint64_t>(*figure);
    else {
        return bad(
            fmt::format("--line: {}={} is not understood; members are name, download, upload, "
                        "capacity, trace, generator, fifo-ms, base-rtt-ms, jitter-ms, loss, "
                        "flows-down, flows-up, seed",
                        key, value));
    }
    return {};
}

// DOWN/UP in Mbit/s.
Result<CapacityTrace> constant(const std::string& text) {
    const auto slash = text.find('/');
    const auto down = number(text.substr(0, slash));
    const auto up = slash == text.npos ? std::nullopt : number(text.substr(slash + 1));
    const auto fits = [](std::optional<double> mbps) { return mbps && *mbps > 0 && *mbps <= 1e5; };
    if (!fits(down) || !fits(up)) {
        return bad(fmt::format("--capacity {}: give DOWN/UP in Mbit/s, such as 50/10", text));
    }
    const auto rate = [](double mbps) { return Rate{static_cast<std::int64_t>(mbps * 1e6)}; };
    return CapacityTrace::constant(rate(*down), rate(*up));
}

Result<LineSpec> spec_of(const LineOptions& options) {
    if (!options.trace.empty() && !options.generator.empty()) {
        return bad("--trace and --generator: give one of them");
    }
    auto capacity = !options.trace.empty() ? CapacityTrace::load(options.trace)
                    : !options.generator.empty()
                        ? CapacityTrace::generate(options.generator, options.seed)
                        : constant(options.capacity);
    if (!capacity) return tl::unexpected<Error>(capacity.error());
    LineSpec spec;
    spec.capacity = std::move(*capacity);
    spec.fifo = from_ms(options.fifo_ms);
    spec.base_rtt = from_ms(options.base_rtt_ms);
    spec.jitter = from_ms(options.jitter_ms);
    spec.loss = Ratio{options.loss};
    spec.seed = options.seed;
    spec.set_flows(Direction::download, options.flows_down);
    spec.set_flows(Direction::upload, options.flows_up);
    return spec;
}

Result<NamedLine> line_of(const LineOptions& common, const std::string& text, std::size_t index) {
    NamedLine line;
    line.name = fmt::format("wan{}", index);
    LineOptions own = common;
    for (std::size_t at = 0; at < text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        const auto member = text.substr(at, comma - at);
        at = comma + 1;
        const auto equals = member.find('=');
        if (equals == member.npos)
            return bad(fmt::format("--line: '{}' is not MEMBER=VALUE", member));
        const auto key = member.substr(0, equals);
        const auto value = member.substr(equals + 1);
        if (key == "name")
            line.name = value;
        else if (key == "download")
            line.download_queue = value;
        else if (key == "upload")
            line.upload_queue = value;
        else if (auto done = put(own, key, value); !done)
            return tl::unexpected<Error>(done.error());
    }
    auto spec = spec_of(own);
    if (!spec) return tl::unexpected<Error>(spec.error());
    line.spec = std::move(*spec);
    return line;
}

}  // namespace

void declare_line_options(CLI::App& app, LineOptions& options) {
    constexpr auto kGroup = "Lines";
    const auto flows = CLI::Range(0U, static_cast<unsigned>(kMaxFlows));
    app.add_option("--line", options.lines,
                   "a WAN behind the router, as MEMBER=VALUE,...: download= and upload= name its "
                   "queues, name= the line; any option below without its dashes (repeatable)")
        ->group(kGroup);
    app.add_option("--capacity", options.capacity, "DOWN/UP in Mbit/s")->group(kGroup);
    app.add_option("--trace", options.trace, "file of lines t_s down_kbit up_kbit")->group(kGroup);
    app.add_option("--generator", options.generator, "demo, steps or lte")->group(kGroup);
    app.add_option("--fifo-ms", options.fifo_ms, "depth of the far buffers at the mean capacity")
        ->check(CLI::Range(0.0, 60'000.0))
        ->group(kGroup);
    app.add_option("--base-rtt-ms", options.base_rtt_ms)
        ->check(CLI::Range(0.0, 10'000.0))
        ->group(kGroup);
    app.add_option("--jitter-ms", options.jitter_ms, "of the RTT, uniform")
        ->check(CLI::Range(0.0, 10'000.0))
        ->group(kGroup);
    app.add_option("--loss", options.loss, "share of packets lost, each direction")
        ->check(CLI::Range(0.0, 1.0))
        ->group(kGroup);
    app.add_option("--flows-down", options.flows_down, "bulk downloads")
        ->check(flows)
        ->group(kGroup);
    app.add_option("--flows-up", options.flows_up, "bulk uploads")->check(flows)->group(kGroup);
    app.add_option("--line-seed", options.seed, "of jitter, loss and generators")->group(kGroup);
    app.add_flag("--tun", options.tun,
                 "carry real packets: client 198.18.0.2, reflectors 198.18.1.1 to .16 (the second "
                 "line 198.18.2.2 and 198.18.3.1 ...); only in a network namespace of its own")
        ->group(kGroup);
    app.add_option("--far-command", options.far_command,
                   "run by sh in the namespace of the first line's reflectors")
        ->group(kGroup);
}

Result<std::vector<NamedLine>> make_lines(const LineOptions& options) {
    std::vector<NamedLine> lines;
    for (const auto& text : options.lines) {
        auto line = line_of(options, text, lines.size());
        if (!line) return tl::unexpected<Error>(line.error());
        const auto same = [&line](const NamedLine& other) { return other.name == line->name; };
        if (std::any_of(lines.begin(), lines.end(), same)) {
            return bad(fmt::format("--line: two lines are named {}", line->name));
        }
        lines.push_back(std::move(*line));
    }
    if (lines.empty() && (options.tun || !options.far_command.empty())) {
        return bad("--tun and --far-command need a --line");
    }
    if (!options.far_command.empty() && !options.tun) return bad("--far-command needs --tun");
    return lines;
}

}  // namespace wanctl::sim
