#include <utility>

#include "tests/sim/line_program.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace wanctl::sim {
namespace {

using Answer = Result<std::string>;
constexpr auto kNothing = "null";

tl::unexpected<Error> bad(std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message));
}

std::string direction_json(LineModel& model, Direction direction) {
    const auto now = model.figures(direction);
    const auto bytes = model.bytes(direction);
    std::string rates;
    for (std::size_t i = 0; i < now.flows; ++i) {
        rates += fmt::format("{}{}", i == 0 ? "" : ",", now.flow_rates[i].bps);
    }
    return fmt::format(
        "{{\"capacity_bps\":{},\"capacity_bytes\":{:.0f},\"dropped_bytes\":{:.0f},\"fifo_bytes\":{}"
        ","
        "\"fifo_ms\":{:.3f},\"flow_bps\":[{}],\"goodput_bytes\":{:.0f},\"leaf_bytes\":{},"
        "\"max_limit_bps\":{},\"one_way_ms\":{:.3f},\"queueing_ms\":{:.3f}}}",
        now.capacity.bps, bytes.capacity, bytes.dropped, now.fifo_bytes, to_ms(now.fifo_delay),
        rates, bytes.goodput, now.leaf_bytes, now.max_limit.bps, to_ms(now.one_way_delay),
        to_ms(now.queueing_delay));
}

Answer figures(LiveLine& line, CommandArguments&) {
    LineModel& model = line.model();
    return fmt::format("{{\"blackout\":{},\"download\":{},\"steady_ns\":{},\"upload\":{}}}",
                       model.blackout(), direction_json(model, Direction::download),
                       model.now().time_since_epoch().count(),
                       direction_json(model, Direction::upload));
}

Answer verdict(LiveLine& line, CommandArguments& arguments) {
    const auto reset = arguments.flag("reset");
    if (!reset) return tl::unexpected(reset.error());
    LineModel& model = line.model();
    const LineVerdict& found = model.verdict();
    auto text = fmt::format(
        "{{\"above_30ms\":{:.4f},\"capacity_bytes\":{{\"download\":{:.0f},\"upload\":{:.0f}}},"
        "\"goodput_bytes\":{{\"download\":{:.0f},\"upload\":{:.0f}}},\"rtt_p50_ms\":{:.2f},"
        "\"rtt_p99_ms\":{:.2f},\"samples\":{}}}",
        found.queueing.share_from(std::chrono::milliseconds(30)), found.capacity_bytes[0],
        found.capacity_bytes[1], found.goodput_bytes[0], found.goodput_bytes[1],
        to_ms(found.rtt.quantile(0.5)), to_ms(found.rtt.quantile(0.99)), found.rtt.total());
    if (*reset) model.reset_figures();
    return text;
}

Answer blackout(LiveLine& line, CommandArguments& arguments) {
    const auto on = arguments.flag("on");
    if (!on) return tl::unexpected(on.error());
    line.model().set_blackout(*on);
    return kNothing;
}

Answer loss(LiveLine& line, CommandArguments& arguments) {
    const auto ratio = arguments.number("ratio");
    if (!ratio) return tl::unexpected(ratio.error());
    if (!*ratio || !(**ratio >= 0 && **ratio <= 1))
        return bad("ratio: a number of 0 to 1 is needed");
    line.model().set_loss(Ratio{**ratio});
    return kNothing;
}

Answer capacity(LiveLine& line, CommandArguments& arguments) {
    std::array<std::optional<Rate>, 2> rates;
    constexpr std::array kMembers = {"download_kbit", "upload_kbit"};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto kbit = arguments.number(kMembers[i]);
        if (!kbit) return tl::unexpected(kbit.error());
        if (!*kbit) continue;
        if (!(**kbit >= 0 && **kbit <= 1e8))
            return bad(fmt::format("{}: must be 0 to 1e8", kMembers[i]));
        rates[i] = Rate{std::llround(**kbit * 1e3)};
    }
    line.model().set_capacity(Direction::download, rates[0]);
    line.model().set_capacity(Direction::upload, rates[1]);
    return kNothing;
}

Answer flows(LiveLine& line, CommandArguments& arguments) {
    std::array<std::optional<std::size_t>, 2> counts;
    constexpr std::array kMembers = {"download", "upload"};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto count = arguments.number(kMembers[i]);
        if (!count) return tl::unexpected(count.error());
        if (!*count) continue;
        if (!(**count >= 0 && **count <= kMaxFlows))
            return bad(fmt::format("{}: must be 0 to {}", kMembers[i], kMaxFlows));
        counts[i] = static_cast<std::size_t>(**count);
    }
    for (const Direction direction : {Direction::download, Direction::upload}) {
        const auto count = counts[static_cast<std::size_t>(direction)];
        if (count) line.model().set_flows(direction, *count);
    }
    return kNothing;
}

}  // namespace

Result<std::unique_ptr<LineProgram>> LineProgram::make(boost::asio::io_context& io,
                                                       const Clock& clock,
                                                       const LineOptions& options) {
    auto lines = make_lines(options);
    if (!lines) return tl::unexpected(lines.error());
    std::unique_ptr<LineProgram> program(new LineProgram());
    for (auto& line : *lines) {
        Wan wan{line.name, line.download_queue, line.upload_queue, nullptr, nullptr};
        wan.live = std::make_unique<LiveLine>(io, clock, std::move(line.spec));
        if (options.tun) {
            const auto number = static_cast<unsigned>(program->wans_.size());
            auto tun = TunLine::open(io, *wan.live, TunAddresses::of_wan(number));
            if (!tun) return tl::unexpected(tun.error());
            wan.tun = std::move(*tun);
        }
        program->wans_.push_back(std::move(wan));
    }
    if (options.tun) prefer_this_thread();
    if (!options.far_command.empty()) {
        const auto started = program->wans_.front().tun->run_far(options.far_command);
        if (!started) return tl::unexpected(started.error());
    }
    return program;
}

void LineProgram::add_queues(std::vector<QueueOption>& queues) const {
    const auto add_one = [&queues](const std::string& name) {
        const auto same = [&name](const QueueOption& queue) { return queue.name == name; };
        if (!name.empty() && std::none_of(queues.begin(), queues.end(), same))
            queues.push_back({name});
    };
    for (const auto& wan : wans_) {
        add_one(wan.download_queue);
        add_one(wan.upload_queue);
    }
}

void LineProgram::connect(RouterModel& router) {
    for (auto& wan : wans_) {
        const auto join = [&](const std::string& queue, Direction direction) {
            if (!queue.empty()) router.queues().connect(queue, wan.live->port(direction));
        };
        join(wan.download_queue, Direction::download);
        join(wan.upload_queue, Direction::upload);
    }
}

// Without the member "line" it is the first.
Result<LiveLine*> LineProgram::named(CommandArguments& arguments) {
    const auto name = arguments.text("line");
    for (auto& wan : wans_) {
        if (!name || wan.name == *name) return wan.live.get();
    }
    return bad(name ? fmt::format("line: there is none named {}", *name) : "there is no line");
}

void LineProgram::add(CommandTable& table, const std::string& name, const std::string& help,
                      Handler handler) {
    table.add(name, help, [this, handler](CommandArguments& arguments) -> Answer {
        const auto line = named(arguments);
        if (!line) return tl::unexpected(line.error());
        return handler(**line, arguments);
    });
}

void LineProgram::add_to(CommandTable& table) {
    add(table, "line", "the truth about `line` now: capacity, queues, flows, bytes so far",
        figures);
    add(table, "verdict",
        "RTT of a sparse packet under load and goodput of `line`; `reset` starts anew", verdict);
    add(table, "blackout", "`on` true: nothing passes `line`; false ends it", blackout);
    add(table, "loss", "`ratio` of the packets of `line` are lost, each direction", loss);
    add(table, "capacity",
        "sets `download_kbit` and `upload_kbit` of `line`; a direction without one follows its "
        "trace",
        capacity);
    add(table, "flows", "as many bulk flows as `download` and `upload` say", flows);
}

}  // namespace wanctl::sim
