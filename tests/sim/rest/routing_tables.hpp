// /routing/table: the main table and any that were added.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/rest/item_menu.hpp"

namespace wanctl::sim {

class RoutingTables final : public ItemMenu {
  public:
    RoutingTables();

    [[nodiscard]] std::optional<std::string> id_of(const std::string& name) const;
    // The table's name; its id when it was removed: a reference to it is left dangling.
    [[nodiscard]] std::string name_of(const std::string& id) const;

  private:
    [[nodiscard]] Outcome<void> check(const Item& before, const Settings& given,
                                      Settings& wanted) const override;
    [[nodiscard]] Record record_of(const Item& item) const override;
};

}  // namespace wanctl::sim
