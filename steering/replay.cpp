#include "steering/replay.hpp"

#include <algorithm>

#include <optional>

#include <fmt/format.h>

#include "common/record/steering_names.hpp"
#include "common/record/steering_reason_text.hpp"
#include "common/reference_cycle.hpp"
#include "common/replay/json_lines.hpp"
#include "steering/decide/steering_decider.hpp"
#include "steering/decision_record.hpp"
#include "steering/replay_row.hpp"

namespace wanctl::steering {

namespace {

using replay::write_key;
using replay::write_text;
using replay::Writer;

constexpr std::string_view kShape =
    R"({"t": s, "zone": "RED", "delta_ms": number, "drops": number, "queue": number})";

class Recording {
  public:
    explicit Recording(const SteeringConfig& config) : config_(config) {}

    Result<void> row(std::int64_t i, const rapidjson::Value& value, Writer& writer) {
        auto row = replay_row(value, config_.decide.policy == SteeringPolicy::confidence);
        if (!row) return tl::unexpected(row.error());
        if (last_ && row->at <= *last_) {
            return fail(ErrorKind::invalid_input,
                        "\"t\" is not above that of the row before, allowed: growing seconds");
        }
        write(writer, i, row->t, decide(*row));
        return {};
    }

  private:
    const SteeringDecision& decide(const ReplayRow& row) {
        if (!decider_) decider_.emplace(config_, row.at);
        if (last_) interval_ = std::min(interval_.value_or(Nanos::max()), row.at - *last_);
        last_ = row.at;
        DecideInput input;
        input.now = row.at;
        input.source = {SourceState::live, row.alternate_source};
        input.reading = {row.primary, row.alternate};
        for (auto& reading : input.reading) {
            if (reading) reading->interval = interval_.value_or(kReferenceCycle);
        }
        return decider_->decide(input);
    }

    // The sentence is made anew only when a figure in it has changed.
    const std::string& reason(const SteeringDecision& decision) {
        SteeringRecord record;
        tell(decision, record);
        if (config_.decide.dry_run && decision.action != SteeringAction::none) {
            text_ = fmt::format("would {}: ", name(decision.action));
        } else {
            text_.clear();
        }
        text_ += name(decision.reason);
        text_ += ": ";
        text_ += steering_reason_text(record);
        return text_;
    }

    void write(Writer& writer, std::int64_t i, double t, const SteeringDecision& decision) {
        writer.StartObject();
        write_key(writer, "i");
        writer.Int64(i);
        write_key(writer, "t");
        writer.Double(t);
        write_key(writer, "assess");
        write_text(writer, name(decision.assessment));
        write_key(writer, "score");
        decision.score ? writer.Int(decision.score->value) : writer.Null();
        write_key(writer, "state");
        write_text(writer, name(decision.state));
        write_key(writer, "action");
        if (decision.action == SteeringAction::none || config_.decide.dry_run) {
            writer.Null();
        } else {
            write_text(writer, name(decision.action));
        }
        write_key(writer, "reason");
        write_text(writer, reason(decision));
        writer.EndObject();
    }

    const SteeringConfig& config_;
    std::optional<SteeringDecider> decider_;
    std::optional<SteadyTime> last_;
    std::optional<Nanos> interval_;
    std::string text_;
};

}  // namespace

int replay_file(const SteeringConfig& config, const std::string& path) {
    Recording recording(config);
    return replay::replay_file(path, kShape,
                               [&](std::int64_t i, const rapidjson::Value& row, Writer& writer) {
                                   return recording.row(i, row, writer);
                               });
}

}  // namespace wanctl::steering
