#include "common/record/states.hpp"

#include "common/record/state_names.hpp"

namespace wanctl {
namespace {

// A number no enumerator has can only come from a cast of foreign data: name it as such.
template <typename Enum>
std::string_view word(const NameTable& table, Enum value) {
    const std::string_view text = table.of(static_cast<std::uint64_t>(value));
    return text.empty() ? std::string_view("invalid") : text;
}

}  // namespace

std::string_view name(Direction value) {
    return word(names::kDirection, value);
}
std::string_view name(Zone value) {
    return word(names::kZone, value);
}
std::string_view name(MeasurementState value) {
    return word(names::kMeasurement, value);
}
std::string_view name(StampSource value) {
    return word(names::kStamp, value);
}
std::string_view name(RouterState value) {
    return word(names::kRouter, value);
}
std::string_view name(WriteOutcome value) {
    return word(names::kWrite, value);
}
std::string_view name(TransitionReason value) {
    return word(names::kReason, value);
}
std::string_view name(DelayEvidence value) {
    return word(names::kEvidence, value);
}
std::string_view name(BaselineState value) {
    return word(names::kBaseline, value);
}

}  // namespace wanctl
