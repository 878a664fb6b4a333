// What /ip/firewall/mangle and /ip/firewall/filter have in common: ordered rules with matchers and
// counters, found by comment from outside.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "tests/sim/rest/interfaces.hpp"
#include "tests/sim/rest/item_menu.hpp"

namespace wanctl::sim {

// One time that a rule was enabled or disabled, also to what it was already.
struct RuleChange {
    SteadyTime at;
    std::string id;
    std::string comment;
    bool from_enabled = false;
    bool to_enabled = false;
    std::string by;
};

// A rule returns what is set on it, `bytes`, `packets`, `dynamic` and `invalid`. `disabled`, `log`
// and `log-prefix` are absent until the rule is changed for the first time.
class FirewallRules : public ItemMenu {
  public:
    // The rules as they are set, disabled ones apart, in their order. Positions count all rules.
    struct ActiveRule {
        std::size_t position = 0;
        const Settings* settings = nullptr;
    };
    [[nodiscard]] std::vector<ActiveRule> active(const std::string& chain) const;
    void count(std::size_t position, std::uint64_t packets, std::uint64_t bytes);

    // What an administrator can do to a rule from outside. The comment is that of exactly one rule,
    // except for `remove_all`, which takes every rule of it.
    [[nodiscard]] Outcome<void> remove_all(const std::string& comment);
    // The same rule once more, at the end.
    [[nodiscard]] Outcome<void> duplicate(const std::string& comment);
    [[nodiscard]] Outcome<void> set(const std::string& comment, const std::string& property,
                                    const std::string& value);

    // As a restored backup may do it; see QueueTree.
    using ItemMenu::renumber;

    // The latest times a rule was enabled or disabled, oldest first; at most kHistory.
    [[nodiscard]] const std::deque<RuleChange>& history() const { return history_; }

    static constexpr std::size_t kHistory = 20'000;

  protected:
    // `own` are the menu's properties beside the matchers.
    FirewallRules(const Clock& clock, const Interfaces& interfaces, std::vector<PropertySpec> own);

    [[nodiscard]] Outcome<void> check(const Item& before, const Settings& given,
                                      Settings& wanted) const override;
    [[nodiscard]] Record record_of(const Item& item) const override;
    void changed(Item& item, const Change& change) override;

  private:
    [[nodiscard]] Outcome<std::size_t> only(const std::string& comment) const;

    const Clock& clock_;
    const Interfaces& interfaces_;
    std::deque<RuleChange> history_;
};

}  // namespace wanctl::sim
