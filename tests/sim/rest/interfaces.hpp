// /interface: a fixed set of ethernet ports and the loopback.
#pragma once

#include <string>

#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

class Interfaces final : public Menu {
  public:
    Interfaces();

    [[nodiscard]] bool knows(std::string_view command) const override;
    [[nodiscard]] std::vector<Record> records() const override { return items_; }
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

    [[nodiscard]] bool exists(const std::string& name) const;
    // Exists and is enabled: only then does a queue on it shape anything.
    [[nodiscard]] bool running(const std::string& name) const;

  private:
    [[nodiscard]] Outcome<void> change(Record& item, const Settings& settings);

    std::vector<Record> items_;
};

}  // namespace wanctl::sim
