#include "steering/rule/menu_reader.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

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

}  // namespace

MenuReader::MenuReader(boost::asio::io_context& loop, const Clock& clock,
                       routeros::RestOptions options, const std::string& password)
    : client_(loop, clock, std::move(options),
              [this](routeros::Reply&& reply) { take(std::move(reply)); }) {
    client_.set_password(password);
}

void MenuReader::next() {
    client_.start({routeros::Method::get, kMenus[at_].path, {}, true});
}

void MenuReader::take(routeros::Reply&& reply) {
    if (reply.state != RouterState::ok) {
        result_ = tl::unexpected(std::move(reply.error));
        return;
    }
    auto records = routeros::Records::parse(reply.body);
    if (!records) {
        result_ = fail(
            ErrorKind::invalid_input,
            fmt::format("{}: {}: {}", client_.place(), kMenus[at_].path, records.error().message));
        return;
    }
    menus_.*kMenus[at_].place = std::move(*records);
    if (++at_ < kMenus.size()) return next();
    result_ = std::move(menus_);
}

}  // namespace wanctl::steering
