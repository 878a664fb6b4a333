#include "tests/sim/rest/item_menu.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/rest/copy_from.hpp"

namespace wanctl::sim {
namespace {

constexpr std::array kCommands = {"add", "set", "remove", "comment", "enable", "disable", "unset"};

}  // namespace

ItemMenu::ItemMenu(Shape shape)
    : specs_(std::move(shape.specs)),
      next_id_(shape.first_id),
      ordered_(shape.ordered),
      counted_(shape.counted) {}

bool ItemMenu::knows(std::string_view command) const {
    if (command == "move") return ordered_;
    if (command == "reset-counters" || command == "reset-counters-all") return counted_;
    return std::find(kCommands.begin(), kCommands.end(), command) != kCommands.end();
}

std::vector<Record> ItemMenu::records() const {
    std::vector<Record> records;
    for (const auto& item : items_) records.push_back(record_of(item));
    return records;
}

Outcome<std::string> ItemMenu::add(const Settings& settings, const std::string&) {
    Item item{.id = format_id(next_id_)};
    for (const auto& spec : specs_) {
        if (!spec.initial.empty()) item.settings.emplace(spec.name, spec.initial);
    }
    Settings given = settings;
    std::size_t at = items_.size();
    if (const auto before = given.extract("place-before"); !before.empty()) {
        if (!ordered_) return refuse_unknown_parameter("place-before");
        at = index_of(before.mapped());
        if (at == items_.size()) return refuse("input does not match any value of place-before");
    }
    const auto original = take_original(items_, given);
    if (!original) return tl::unexpected(original.error());
    if (*original != nullptr) {
        item.settings = (*original)->settings;
        if (has_names()) item.settings.erase("name");
    }
    auto wanted = checked(item, given);
    if (!wanted) return tl::unexpected(wanted.error());
    item.settings = std::move(*wanted);
    ++next_id_;
    const auto made = items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(at), item);
    return made->id;
}

Outcome<void> ItemMenu::run(const std::string& command, const std::string& id,
                            const Settings& settings, const std::string& by) {
    if (command == "reset-counters-all") {
        reset_all_counters();
        return {};
    }
    const auto index = index_of(id);
    if (index == items_.size()) return refuse_unknown_item();
    if (command == "reset-counters") {
        items_[index].packets = items_[index].bytes = 0;
        return {};
    }
    if (items_[index].dynamic) return refuse("failure: can not change dynamic");
    return act(command, index, settings, by);
}

Outcome<void> ItemMenu::act(const std::string& command, std::size_t index, const Settings& settings,
                            const std::string& by) {
    if (command == "remove") {
        items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(index));
        return {};
    }
    if (command == "move") return move(index, settings);
    if (command == "unset") return unset(index, settings, by);
    if (command == "enable") return change(items_[index], {{"disabled", "false"}}, by);
    if (command == "disable") return change(items_[index], {{"disabled", "true"}}, by);
    return change(items_[index], settings, by);
}

// Before the destination; an unknown one means the end of the table, without a word.
Outcome<void> ItemMenu::move(std::size_t index, const Settings& settings) {
    const auto wanted = settings.find("destination");
    auto to = wanted == settings.end() ? items_.size() : index_of(wanted->second);
    if (to == index) return refuse("failure: can not move object before itself");
    Item item = std::move(items_[index]);
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(index));
    if (to > index) --to;
    items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(to), std::move(item));
    return {};
}

Outcome<void> ItemMenu::unset(std::size_t index, const Settings& settings, const std::string& by) {
    const auto name = settings.find("value-name");
    if (name == settings.end()) return refuse("missing =value-name=");
    const auto* const spec = find_property(specs_, name->second);
    if (spec == nullptr || !spec->optional) {
        return refuse("input does not match any value of value-name");
    }
    const Settings before = items_[index].settings;
    items_[index].settings.erase(name->second);
    const Settings nothing;
    changed(items_[index], {nothing, before, by});
    return {};
}

void ItemMenu::reset_all_counters() {
    for (auto& item : items_) item.packets = item.bytes = 0;
}

void ItemMenu::changed(Item&, const Change&) {}

Outcome<void> ItemMenu::change(Item& item, const Settings& given, const std::string& by) {
    auto wanted = checked(item, given);
    if (!wanted) return tl::unexpected(wanted.error());
    const Settings before = std::exchange(item.settings, std::move(*wanted));
    changed(item, {given, before, by});
    return {};
}

Outcome<Settings> ItemMenu::checked(const Item& item, const Settings& given) const {
    Settings wanted = item.settings;
    for (const auto& [name, value] : given) {
        const auto* const spec = find_property(specs_, name);
        if (spec == nullptr) return refuse_unknown_parameter(name);
        auto stored = normalised(*spec, value);
        if (!stored) return tl::unexpected(stored.error());
        const bool present = spec->type == ValueType::presence
                                 ? parse_flag(value).value_or(true)
                                 : !spec->optional || !stored->empty();
        if (present)
            wanted[name] = std::move(*stored);
        else
            wanted.erase(name);
    }
    if (auto done = check(item, given, wanted); !done) return tl::unexpected(done.error());
    return wanted;
}

void ItemMenu::renumber(bool swapped) {
    for (std::size_t low = 0, high = items_.size(); swapped && low + 1 < high; ++low)
        std::swap(items_[low].id, items_[--high].id);
    for (auto& item : items_)
        if (!swapped) item.id = next_id();
}

std::size_t ItemMenu::index_of(const std::string& id) const {
    const auto at = std::find_if(items_.begin(), items_.end(),
                                 [&id](const auto& item) { return item.id == id; });
    return static_cast<std::size_t>(at - items_.begin());
}

}  // namespace wanctl::sim
