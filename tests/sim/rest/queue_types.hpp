// /queue/type: the built-in types and any that were added.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

class QueueTypes final : public Menu {
  public:
    QueueTypes();

    [[nodiscard]] bool knows(std::string_view command) const override;
    [[nodiscard]] std::vector<Record> records() const override;
    [[nodiscard]] Outcome<std::string> add(const Settings& settings,
                                           const std::string& by) override;
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

    [[nodiscard]] std::optional<std::string> id_of(const std::string& name) const;
    // The type's name; its id when it was removed: a reference to it is left dangling.
    [[nodiscard]] std::string name_of(const std::string& id) const;

  private:
    struct Type {
        std::string id;
        bool built_in = false;
        Settings settings = {};  // of every kind; only those of the type's own kind are returned
    };

    [[nodiscard]] Outcome<void> change(Type& type, const Settings& settings) const;

    std::vector<Type> types_;
    std::uint32_t next_id_ = 1;
};

}  // namespace wanctl::sim
