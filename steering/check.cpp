#include "steering/check.hpp"

#include <iostream>

#include "common/exit_code.hpp"
#include "steering/rule/router_check.hpp"
#include "steering/sources/ring_names.hpp"

namespace wanctl::steering {

int check(const SteeringConfig& config) {
    const auto wrong_names = check_ring_names(config);
    for (const std::string& text : wrong_names) std::cout << "ring_missing: " << text << '\n';
    const int router = check_router(config);
    return router == exit_code::kOk && !wrong_names.empty() ? tool_exit::kNo : router;
}

}  // namespace wanctl::steering
