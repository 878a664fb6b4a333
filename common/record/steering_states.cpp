#include "common/record/steering_states.hpp"

#include "common/record/steering_names.hpp"

namespace wanctl {

std::string_view name(SteeringPolicy value) {
    return names::word(names::kPolicy, value);
}
std::string_view name(SteeringState value) {
    return names::word(names::kSteeringState, value);
}
std::string_view name(SteeringAction value) {
    return names::word(names::kAction, value);
}
std::string_view name(Assessment value) {
    return names::word(names::kAssessment, value);
}
std::string_view name(Contributor value) {
    return names::word(names::kContributor, value);
}
std::string_view name(SteeringTimer value) {
    return names::word(names::kTimer, value);
}
std::string_view name(SourceState value) {
    return names::word(names::kSource, value);
}
std::string_view name(Usability value) {
    return names::word(names::kUsable, value);
}
std::string_view name(CongestedDirection value) {
    return names::word(names::kCongestion, value);
}
std::string_view name(RuleState value) {
    return names::word(names::kRule, value);
}
std::string_view name(RuleStatus value) {
    return names::word(names::kRuleStatus, value);
}
std::string_view name(SteeringReason value) {
    return names::word(names::kWhy, value);
}

}  // namespace wanctl
