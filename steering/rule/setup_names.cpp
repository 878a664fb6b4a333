#include "steering/rule/setup_names.hpp"

namespace wanctl::steering {

SetupNames setup_names(const SteeringConfig& config) {
    SetupNames names;
    names.primary = config.primary;
    names.alternate = config.alternate;
    names.comment = config.rule.comment;
    names.table = "via-" + config.alternate;
    names.mark = "steer-" + config.alternate;
    names.answer_mark = "from-" + config.alternate;
    names.user = config.router.user;
    names.stats_user = config.router.stats_user;
    return names;
}

}  // namespace wanctl::steering
