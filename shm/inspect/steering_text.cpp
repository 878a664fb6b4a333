#include "shm/inspect/steering_text.hpp"

#include <fmt/format.h>

#include "common/record/steering_reason_text.hpp"
#include "common/record/steering_states.hpp"
#include "common/units.hpp"
#include "shm/inspect/render.hpp"

namespace wanctl::inspect {
namespace {

std::string delta_text(const WanRecord& wan) {
    return wan.delta_us == kUnknownUs ? "unknown" : duration_text(Micros(wan.delta_us));
}

std::string score_text(const SteeringRecord& record) {
    return record.score == kUnknownScore ? "-" : fmt::format("{}", record.score);
}

}  // namespace

std::string steering_line(const SteeringRecord& record) {
    const std::string why = steering_reason_text(record);
    return fmt::format("{:<14} {:<8} score {:>3}  delta {} / {}{}{}",
                       name(static_cast<SteeringState>(record.state)),
                       name(static_cast<Assessment>(record.assessment)), score_text(record),
                       delta_text(record.wan[0]), delta_text(record.wan[1]),
                       why.empty() ? "" : "  ", why);
}

std::string steering_headline(const SteeringRecord& record) {
    const std::string why = steering_reason_text(record);
    return fmt::format("  {:<10} {}: primary {}, score {}\n", "steering",
                       name(static_cast<SteeringState>(record.state)),
                       name(static_cast<Assessment>(record.assessment)), score_text(record)) +
           fmt::format("  {:<10} primary {}, alternate {}\n", "delta", delta_text(record.wan[0]),
                       delta_text(record.wan[1])) +
           (why.empty() ? std::string() : fmt::format("  {:<10} {}\n", "because", why));
}

}  // namespace wanctl::inspect
