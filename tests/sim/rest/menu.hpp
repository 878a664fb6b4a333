// One menu of the router as the REST layer sees it: records, and the commands that change them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/rest/record.hpp"

namespace wanctl::sim {

using Settings = std::map<std::string, std::string>;

// Which commands a menu knows, who may be looked up how, and its items. A menu owns its items;
// callers get copies. `by` names who asked, for the log and the history.
class Menu {
  public:
    virtual ~Menu() = default;

    // A singleton has one record without `.id`.
    [[nodiscard]] virtual bool singleton() const { return false; }
    [[nodiscard]] virtual bool has_names() const { return true; }
    // Whether the console has this command here (print apart, which every menu has).
    [[nodiscard]] virtual bool knows(std::string_view command) const = 0;
    // Whether the command works on items, which the caller then must name.
    [[nodiscard]] virtual bool needs_items(std::string_view command) const {
        return command != "add" && command != "reset-counters-all" && !singleton();
    }
    // Whether running it writes the router's configuration.
    [[nodiscard]] virtual bool writes(std::string_view command) const {
        return command != "reset-counters" && command != "reset-counters-all";
    }

    [[nodiscard]] virtual std::vector<Record> records() const = 0;

    // Adds an item and returns its id. Called only when the menu knows `add`.
    [[nodiscard]] virtual Outcome<std::string> add(const Settings& settings, const std::string& by);
    // Runs any other command the menu knows; `id` is empty where no item is needed.
    [[nodiscard]] virtual Outcome<void> run(const std::string& command, const std::string& id,
                                            const Settings& settings, const std::string& by) = 0;
};

inline Outcome<std::string> Menu::add(const Settings&, const std::string&) {
    return refuse("no such command");
}

}  // namespace wanctl::sim
