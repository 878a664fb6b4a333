#include <utility>

#include "steering/rule/router_check.hpp"

#include <iostream>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/routeros/link_options.hpp"
#include "steering/rule/menu_reader.hpp"

namespace wanctl::steering {
Result<RouterMenus> read_router_menus(const RouterConfig& router) {
    const auto password = resolve_secret(router.password);
    if (!password) return tl::unexpected(password.error());
    const SystemClock clock;
    boost::asio::io_context loop(1);
    MenuReader reader(loop, clock, routeros::link_options(router), *password);
    reader.start();
    while (!reader.result() && loop.run_one() > 0) {
    }
    return reader.result().value();
}

int check_router(const SteeringConfig& config) {
    const auto menus = read_router_menus(config.router);
    if (!menus) {
        std::cerr << "wanctl-steering: " << menus.error().message << '\n';
        return exit_code::kCannotMeasure;
    }
    const auto findings = lint(*menus, setup_names(config));
    if (findings.empty()) {
        std::cout << fmt::format("{}: the set-up for steering from {} to {} is right\n",
                                 config.router.url, config.primary, config.alternate);
        return exit_code::kOk;
    }
    std::cout << findings_text(findings);
    return tool_exit::kNo;
}

}  // namespace wanctl::steering
