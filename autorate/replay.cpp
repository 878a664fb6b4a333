#include "autorate/replay.hpp"

#include <cmath>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "autorate/control/wan_controller.hpp"
#include "common/record/transition_text.hpp"

namespace wanctl::autorate {

namespace {

constexpr double kLongestRttMs = 600'000.0;
constexpr std::size_t kFlushBytes = std::size_t{64} * 1024;

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

struct Row {
    double t = 0;
    std::optional<double> rtt_ms;
};

Result<double> number(const rapidjson::Value& row, const char* key) {
    const auto member = row.FindMember(key);
    if (member == row.MemberEnd()) {
        return fail(ErrorKind::invalid_input, fmt::format("\"{}\" is missing", key));
    }
    if (!member->value.IsNumber()) {
        return fail(ErrorKind::invalid_input, fmt::format("\"{}\" is not a number", key));
    }
    return member->value.GetDouble();
}

// Small documents from a fixed pool: a million rows allocate nothing.
class RowParser {
  public:
    Result<Row> parse(std::string_view line) {
        allocator_.Clear();
        rapidjson::Document row(&allocator_);
        // Iterative: nesting costs memory, not stack.
        row.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag>(line.data(),
                                                                                       line.size());
        if (row.HasParseError()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("column {}: {}", row.GetErrorOffset() + 1,
                                    rapidjson::GetParseError_En(row.GetParseError())));
        }
        if (!row.IsObject()) {
            return fail(ErrorKind::invalid_input,
                        R"(not an object; a row is {"t": seconds, "rtt_ms": number or null})");
        }
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

  private:
    std::array<char, 4096> pool_{};
    rapidjson::MemoryPoolAllocator<> allocator_{pool_.data(), pool_.size()};
};

void write_key(Writer& writer, std::string_view key) {
    writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void write_text(Writer& writer, std::string_view text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
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

// Rows leave in large pieces, and at once when the input has no more to give for now.
class RowSink {
  public:
    explicit RowSink(std::ostream& output) : output_(output) {}

    void add(std::int64_t i, const Row& row, const Decision& decision) {
        Writer writer(buffer_);
        write_row(writer, i, row, decision);
        buffer_.Put('\n');
        if (buffer_.GetSize() >= kFlushBytes) {
            flush();
        }
    }

    void flush() {
        output_.write(buffer_.GetString(), static_cast<std::streamsize>(buffer_.GetSize()));
        output_.flush();
        buffer_.Clear();
    }

  private:
    std::ostream& output_;
    rapidjson::StringBuffer buffer_;
};

}  // namespace

Result<void> replay(const AutorateConfig& config, std::istream& input, std::ostream& output) {
    WanController controller(config);
    RowParser parser;
    RowSink sink(output);
    std::string line;
    std::int64_t i = 0;
    for (std::int64_t line_number = 1; std::getline(input, line); ++line_number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const auto row = parser.parse(line);
        if (!row) {
            sink.flush();
            return fail(ErrorKind::invalid_input,
                        fmt::format("line {}: {}", line_number, row.error().message));
        }
        SlotInput slot{i, std::nullopt, {}};
        if (row->rtt_ms) {
            slot.rtt = Millis(*row->rtt_ms);
        }
        sink.add(i, *row, controller.step(slot));
        ++i;
        if (input.rdbuf()->in_avail() <= 0) {
            sink.flush();
        }
        if (!output) {
            return fail(ErrorKind::system, "cannot write the output");
        }
    }
    sink.flush();
    if (input.bad()) {
        return fail(ErrorKind::invalid_input, fmt::format("line {}: cannot be read", i + 1));
    }
    return {};
}

}  // namespace wanctl::autorate
