// A menu whose items are all of one shape: a table of properties, ids, and the commands that every
// such menu has.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/rest/menu.hpp"
#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {

// Items keep the order of their making, or where `place-before` and `move` put them when ordered.
// An item holds only what is set on it: a property that is absent is absent in the reply too.
class ItemMenu : public Menu {
  public:
    [[nodiscard]] bool has_names() const override {
        return find_property(specs_, "name") != nullptr;
    }
    [[nodiscard]] bool knows(std::string_view command) const override;
    [[nodiscard]] std::vector<Record> records() const override;
    [[nodiscard]] Outcome<std::string> add(const Settings& settings,
                                           const std::string& by) override;
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

    void reset_all_counters();

  protected:
    struct Item {
        std::string id;
        Settings settings = {};
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
        bool dynamic = false;  // the router made it: it can neither be changed nor removed
    };
    struct Shape {
        std::vector<PropertySpec> specs;
        std::uint32_t first_id = 1;
        bool ordered = false;  // the order matters: place-before and move are known
        bool counted = false;  // reset-counters is known
    };

    explicit ItemMenu(Shape shape);

    // Refuses what cannot be set together, or refers to nothing; may store something else than what
    // was written, such as an id for a name. `given` is what the request sets.
    [[nodiscard]] virtual Outcome<void> check(const Item& before, const Settings& given,
                                              Settings& wanted) const = 0;
    [[nodiscard]] virtual Record record_of(const Item& item) const = 0;
    // After `given` was set on an item, whose settings until then were `before`.
    struct Change {
        const Settings& given;
        const Settings& before;
        const std::string& by;
    };
    virtual void changed(Item& item, const Change& change);

    [[nodiscard]] Outcome<void> change(Item& item, const Settings& given, const std::string& by);
    // Every item gets an id never used before, or, `swapped`, they keep theirs in opposite order.
    void renumber(bool swapped);
    [[nodiscard]] std::string next_id() { return format_id(next_id_++); }
    [[nodiscard]] std::vector<Item>& items() { return items_; }
    [[nodiscard]] const std::vector<Item>& items() const { return items_; }
    [[nodiscard]] std::size_t index_of(const std::string& id) const;

  private:
    [[nodiscard]] Outcome<Settings> checked(const Item& item, const Settings& given) const;
    [[nodiscard]] Outcome<void> act(const std::string& command, std::size_t index,
                                    const Settings& settings, const std::string& by);
    [[nodiscard]] Outcome<void> move(std::size_t index, const Settings& settings);
    [[nodiscard]] Outcome<void> unset(std::size_t index, const Settings& settings,
                                      const std::string& by);

    std::vector<PropertySpec> specs_;
    std::vector<Item> items_;
    std::uint32_t next_id_;
    bool ordered_;
    bool counted_;
};

// A property that is simply text and absent until it is set.
[[nodiscard]] constexpr PropertySpec optional_text(std::string_view name) {
    return {.name = name, .optional = true};
}

}  // namespace wanctl::sim
