#include "tests/sim/rest/routing_tables.hpp"

#include <utility>

namespace wanctl::sim {
namespace {

std::vector<PropertySpec> properties() {
    return {
        optional_text("comment"),
        {.name = "disabled", .type = ValueType::flag, .initial = "false"},
        {.name = "fib", .type = ValueType::presence},
        {.name = "name"},
    };
}

}  // namespace

RoutingTables::RoutingTables() : ItemMenu({.specs = properties(), .first_id = 1}) {
    Item main{.id = format_id(0), .dynamic = true};
    main.settings = {{"disabled", "false"}, {"fib", ""}, {"name", "main"}};
    items().push_back(std::move(main));
}

std::optional<std::string> RoutingTables::id_of(const std::string& name) const {
    for (const auto& table : items()) {
        if (table.settings.at("name") == name) return table.id;
    }
    return std::nullopt;
}

std::string RoutingTables::name_of(const std::string& id) const {
    const auto index = index_of(id);
    return index == items().size() ? id : items()[index].settings.at("name");
}

Outcome<void> RoutingTables::check(const Item& before, const Settings&, Settings& wanted) const {
    const auto name = wanted.find("name");
    if (name == wanted.end()) return refuse("missing =name=");
    if (name->second.empty()) return refuse("invalid value for argument name");
    const auto owner = id_of(name->second);
    if (owner && *owner != before.id) return refuse("failure: already have such entry");
    return {};
}

Record RoutingTables::record_of(const Item& item) const {
    Record record{
        {".id", item.id}, {"dynamic", item.dynamic ? "true" : "false"}, {"invalid", "false"}};
    record.insert(item.settings.begin(), item.settings.end());
    return record;
}

}  // namespace wanctl::sim
