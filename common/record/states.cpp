#include "common/record/states.hpp"

#include "common/record/state_names.hpp"

namespace wanctl {
using names::word;

std::string_view name(Direction value) {
    return word(names::kDirection, value);
}
std::string_view name(Zone value) {
    return word(names::kZone, value);
}
std::string_view name(MeasurementState value) {
    return word(names::kMeasurement, value);
}
std::string_view name(SampleSource value) {
    return names::word(names::kSample, value);
}
std::string_view name(FallbackState value) {
    return names::word(names::kFallback, value);
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
