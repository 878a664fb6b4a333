#include <utility>

#include "steering/rule/router_check.hpp"

#include <array>
#include <iostream>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/clock.hpp"
#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/routeros/link_options.hpp"
#include "common/routeros/rest_client.hpp"

namespace wanctl::steering {
namespace {

struct MenuToRead {
    std::string_view path;
    routeros::Records RouterMenus::*place;
};

constexpr std::array kMenus = {
    MenuToRead{"/rest/ip/firewall/mangle", &RouterMenus::mangle},
    MenuToRead{"/rest/ip/firewall/filter", &RouterMenus::filter},
    MenuToRead{"/rest/routing/table", &RouterMenus::tables},
    MenuToRead{"/rest/ip/route", &RouterMenus::routes},
};

// One menu after the other; the loop runs dry when all are read, or one could not be.
class MenuReader {
  public:
    MenuReader(boost::asio::io_context& loop, const Clock& clock, const RouterConfig& router,
               const std::string& password)
        : loop_(loop), client_(loop, clock, routeros::link_options(router), [this](auto&& reply) {
              take(std::forward<decltype(reply)>(reply));
          }) {
        client_.set_password(password);
    }

    [[nodiscard]] Result<RouterMenus> run() {
        next();
        while (!ended_ && loop_.run_one() > 0) {
        }
        if (!error_) return std::move(menus_);
        return tl::unexpected(*error_);
    }

  private:
    void next() { client_.start({routeros::Method::get, kMenus[at_].path, {}, true}); }

    void take(routeros::Reply&& reply) {
        if (reply.state != RouterState::ok) return fail_with(std::move(reply.error));
        auto records = routeros::Records::parse(reply.body);
        if (!records) {
            return fail_with(
                {ErrorKind::invalid_input, fmt::format("{}: {}: {}", client_.place(),
                                                       kMenus[at_].path, records.error().message)});
        }
        menus_.*kMenus[at_].place = std::move(*records);
        ended_ = ++at_ == kMenus.size();
        if (!ended_) boost::asio::post(loop_, [this] { next(); });
    }

    void fail_with(Error error) {
        error_ = std::move(error);
        ended_ = true;
    }

    boost::asio::io_context& loop_;
    RouterMenus menus_;
    std::size_t at_ = 0;
    bool ended_ = false;
    std::optional<Error> error_;
    routeros::RestClient client_;
};

}  // namespace

Result<RouterMenus> read_router_menus(const RouterConfig& router) {
    const auto password = resolve_secret(router.password);
    if (!password) return tl::unexpected(password.error());
    const SystemClock clock;
    boost::asio::io_context loop(1);
    MenuReader reader(loop, clock, router, *password);
    return reader.run();
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
