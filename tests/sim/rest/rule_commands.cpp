#include "tests/sim/rest/rule_commands.hpp"

#include <utility>

#include <fmt/format.h>

namespace wanctl::sim {
namespace {

using Answer = Result<std::string>;
constexpr auto kNothing = "null";

tl::unexpected<Error> bad(std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message));
}

Result<FirewallRules*> rules_named(RouterModel& model, CommandArguments& arguments) {
    const auto menu = arguments.text("menu").value_or("mangle");
    if (menu == "mangle") return &model.mangle();
    if (menu == "filter") return &model.filter();
    return bad(fmt::format("menu: '{}' is none of mangle, filter", menu));
}

template <typename Act>
Answer on_rules(RouterModel& model, CommandArguments& arguments, const Act& act) {
    const auto rules = rules_named(model, arguments);
    if (!rules) return tl::unexpected(rules.error());
    const auto comment = arguments.text("comment");
    if (!comment) return bad("the member \"comment\" is needed");
    model.connections().advance();
    const Outcome<void> done = act(**rules, *comment);
    if (done) return kNothing;
    return bad(done.error().detail);
}

Answer set_rule(RouterModel& model, CommandArguments& arguments) {
    const auto property = arguments.text("property").value_or("disabled");
    const auto value = arguments.text("value");
    if (!value) return bad("the member \"value\" is needed");
    return on_rules(model, arguments, [&](FirewallRules& rules, const std::string& comment) {
        return rules.set(comment, property, *value);
    });
}

std::string history_json(const std::deque<RuleChange>& history, const std::string& comment) {
    std::string list;
    for (const auto& change : history) {
        if (!comment.empty() && change.comment != comment) continue;
        list += fmt::format(
            "{}{{\"by\":{},\"comment\":{},\"from\":{},\"id\":{},\"steady_ns\":{},\"to\":{}}}",
            list.empty() ? "" : ",", quoted(change.by), quoted(change.comment), change.from_enabled,
            quoted(change.id), change.at.time_since_epoch().count(), change.to_enabled);
    }
    return fmt::format("[{}]", list);
}

}  // namespace

void add_rule_commands(CommandTable& table, RouterModel& model) {
    table.add("rule-set",
              "an administrator sets `property` (default disabled) of the rule with `comment` in "
              "`menu` (mangle, the default, or filter) to `value`",
              [&model](CommandArguments& arguments) { return set_rule(model, arguments); });
    table.add("rule-delete", "removes every rule with `comment` from `menu`",
              [&model](CommandArguments& arguments) {
                  return on_rules(model, arguments, [](auto& rules, const auto& comment) {
                      return rules.remove_all(comment);
                  });
              });
    table.add("rule-duplicate", "adds a second rule with `comment` to `menu`",
              [&model](CommandArguments& arguments) {
                  return on_rules(model, arguments, [](auto& rules, const auto& comment) {
                      return rules.duplicate(comment);
                  });
              });
    table.add("rules", "the records of `menu`", [&model](CommandArguments& arguments) -> Answer {
        const auto rules = rules_named(model, arguments);
        if (!rules) return tl::unexpected(rules.error());
        return to_json((*rules)->records());
    });
    table.add("rule-history",
              "each time a rule of `menu` was enabled (`to` true) or disabled, of `comment` if "
              "given; steady_ns is CLOCK_MONOTONIC",
              [&model](CommandArguments& arguments) -> Answer {
                  const auto rules = rules_named(model, arguments);
                  if (!rules) return tl::unexpected(rules.error());
                  return history_json((*rules)->history(), arguments.text("comment").value_or(""));
              });
    table.add("config", "the whole configuration by menu, without counters",
              [&model](CommandArguments&) -> Answer { return model.configuration(); });
}

}  // namespace wanctl::sim
