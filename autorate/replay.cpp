#include "autorate/replay.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "autorate/control/wan_controller.hpp"
#include "common/record/transition_text.hpp"
#include "common/replay/json_lines.hpp"

namespace wanctl::autorate {

namespace {

using wanctl::replay::number;
using wanctl::replay::write_key;
using wanctl::replay::write_text;
using wanctl::replay::Writer;

constexpr double kLongestRttMs = 600'000.0;
constexpr std::string_view kShape = R"({"t": seconds, "rtt_ms": number or null})";

struct Row {
    double t = 0;
    std::optional<double> rtt_ms;
};

Result<Row> row_of(const rapidjson::Value& row) {
    const auto t = number(row, "t");
    if (!t) {
        return tl::unexpected(t.error());
    }
    if (row.HasMember("rtt_ms") && row["rtt_ms"].IsNull()) {
        return Row{*t, std::nullopt};
    }
    const auto rtt = number(row, "rtt_ms");
    if (!rtt) {
        return tl::unexpected(rtt.error());
    }
    if (!(*rtt >= 0.0 && *rtt <= kLongestRttMs)) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"rtt_ms\" is {}, allowed are 0 to {}", *rtt, kLongestRttMs));
    }
    return Row{*t, *rtt};
}

void write_transition(Writer& writer, const Decision& decision) {
    if (!decision.direction[0].transition && !decision.direction[1].transition) {
        return;
    }
    write_key(writer, "transition");
    writer.StartObject();
    for (const Direction direction : {Direction::download, Direction::upload}) {
        const auto& change = decision.direction[static_cast<std::size_t>(direction)].transition;
        if (!change) {
            continue;
        }
        write_key(writer, name(direction));
        writer.StartObject();
        write_key(writer, "from");
        write_text(writer, name(change->from));
        write_key(writer, "to");
        write_text(writer, name(change->to));
        write_key(writer, "reason");
        write_text(writer, transition_text(change->reason, change->delta, change->threshold));
        writer.EndObject();
    }
    writer.EndObject();
}

void write_row(Writer& writer, std::int64_t i, const Row& row, const Decision& decision) {
    writer.StartObject();
    write_key(writer, "i");
    writer.Int64(i);
    write_key(writer, "t");
    writer.Double(row.t);
    write_key(writer, "rtt_ms");
    row.rtt_ms ? writer.Double(*row.rtt_ms) : writer.Null();
    write_key(writer, "load_rtt_ms");
    writer.Double(decision.load.count());
    write_key(writer, "baseline_rtt_ms");
    writer.Double(decision.baseline.count());
    write_key(writer, "delta_ms");
    writer.Double(decision.delta.count());
    write_key(writer, "dl_zone");
    write_text(writer, name(decision.direction[0].zone));
    write_key(writer, "dl_rate_bps");
    writer.Int64(decision.direction[0].rate.bps);
    write_key(writer, "ul_zone");
    write_text(writer, name(decision.direction[1].zone));
    write_key(writer, "ul_rate_bps");
    writer.Int64(decision.direction[1].rate.bps);
    write_transition(writer, decision);
    writer.EndObject();
}

// `controller` outlives it.
wanctl::replay::EachRow through(WanController& controller) {
    return [&controller](std::int64_t i, const rapidjson::Value& value,
                         Writer& writer) -> Result<void> {
        const auto row = row_of(value);
        if (!row) {
            return tl::unexpected(row.error());
        }
        SlotInput slot{i, std::nullopt, {}};
        if (row->rtt_ms) {
            slot.rtt = Millis(*row->rtt_ms);
        }
        write_row(writer, i, *row, controller.step(slot));
        return {};
    };
}

}  // namespace

Result<void> replay(const AutorateConfig& config, std::istream& input, std::ostream& output) {
    WanController controller(config);
    return wanctl::replay::replay_lines(input, output, kShape, through(controller));
}

int replay_file(const AutorateConfig& config, const std::string& path) {
    WanController controller(config);
    return wanctl::replay::replay_file(path, kShape, through(controller));
}

}  // namespace wanctl::autorate
