// Reads the menus that steering's set-up is made of, one after the other over one connection of its
// own, and nothing else.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "common/routeros/rest_client.hpp"
#include "steering/rule/lint.hpp"

namespace wanctl::steering {

class MenuReader {
  public:
    MenuReader(boost::asio::io_context& loop, const Clock& clock, routeros::RestOptions options,
               const std::string& password);
    MenuReader(const MenuReader&) = delete;
    MenuReader& operator=(const MenuReader&) = delete;

    // Begins; once. The loop does the rest.
    void start() { next(); }
    // Nothing while it reads. The error names the router, the cause and the remedy.
    [[nodiscard]] const std::optional<Result<RouterMenus>>& result() const { return result_; }

  private:
    void next();
    void take(routeros::Reply&& reply);

    RouterMenus menus_;
    std::size_t at_ = 0;
    std::optional<Result<RouterMenus>> result_;
    routeros::RestClient client_;
};

}  // namespace wanctl::steering
