#include "common/config/value_check.hpp"

#include <cmath>

#include <fmt/format.h>

namespace wanctl::config {

namespace {

constexpr std::size_t kLongestQuote = 60;

std::string wrong(const KeySpec& spec, std::string_view what) {
    return fmt::format("{}, allowed: {}", what, allowed(spec));
}

std::string wrong_type(const KeySpec& spec, const Value& value) {
    return wrong(spec, fmt::format("is {}", type_name(value)));
}

bool out_of_range(const KeySpec& spec, double number) {
    return spec.min != spec.max && (number < spec.min || number > spec.max);
}

std::string check_integer(const KeySpec& spec, const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value.data);
    if (number == nullptr) return wrong_type(spec, value);
    if (out_of_range(spec, static_cast<double>(*number))) {
        return wrong(spec, fmt::format("{} is out of range", *number));
    }
    return "";
}

std::string check_number(const KeySpec& spec, Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
        value.data = static_cast<double>(*whole);
    }
    const auto* number = std::get_if<double>(&value.data);
    if (number == nullptr) return wrong_type(spec, value);
    if (!std::isfinite(*number)) return wrong(spec, "is not a finite number");
    if (out_of_range(spec, *number)) {
        return wrong(spec, fmt::format("{} is out of range", *number));
    }
    return "";
}

std::string check_choice(const KeySpec& spec, const Value& value, bool may_quote) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (text == nullptr) return wrong_type(spec, value);
    if (has_word(spec.choices, *text)) return "";
    const bool quoted =
        may_quote && text->size() <= kLongestQuote && text->find("://") == std::string::npos;
    const std::string shown = quoted ? fmt::format("\"{}\"", *text) : "the value";
    if (spec.later == "*" || has_word(spec.later, *text)) {
        return wrong(spec, fmt::format("{} is not available in this version", shown));
    }
    return wrong(spec, fmt::format("{} is not known", shown));
}

std::string check_list(const KeySpec& spec, const Value& value) {
    const auto* list = std::get_if<List>(&value.data);
    if (list == nullptr) return wrong_type(spec, value);
    for (std::size_t i = 0; i < list->size(); ++i) {
        if (!std::holds_alternative<std::string>((*list)[i].data)) {
            return wrong(spec, fmt::format("entry {} is {}", i + 1, type_name((*list)[i])));
        }
    }
    return "";
}

std::string check_floors(const KeySpec& spec, Value& value) {
    auto* table = std::get_if<Table>(&value.data);
    if (table == nullptr) return check_number(spec, value);
    for (Entry& entry : table->entries) {
        if (!has_word(spec.choices, entry.key)) {
            return wrong(spec, "has a key that is not a zone of this direction");
        }
        const std::string problem = check_number(spec, entry.value);
        if (!problem.empty()) return fmt::format("{}: {}", entry.key, problem);
    }
    std::string missing;
    for_each_word(spec.choices, [&](std::string_view zone) {
        if (zone != "soft_red" && table->find(zone) == nullptr) missing = zone;
    });
    if (!missing.empty()) return wrong(spec, fmt::format("has no {}", missing));
    return "";
}

}  // namespace

std::string check_value(const KeySpec& spec, Value& value, bool may_quote) {
    switch (spec.type) {
        case KeyType::boolean:
            return std::holds_alternative<bool>(value.data) ? "" : wrong_type(spec, value);
        case KeyType::integer:
            return check_integer(spec, value);
        case KeyType::number:
            return check_number(spec, value);
        case KeyType::text:
            return std::holds_alternative<std::string>(value.data) ? "" : wrong_type(spec, value);
        case KeyType::choice:
            return check_choice(spec, value, may_quote);
        case KeyType::text_list:
            return check_list(spec, value);
        case KeyType::floors:
            return check_floors(spec, value);
        case KeyType::refused:
            break;
    }
    return std::string(spec.about);
}

bool same(const Value& a, const Value& b) {
    if (a.data.index() != b.data.index()) return false;
    if (const auto* flag = std::get_if<bool>(&a.data)) return *flag == std::get<bool>(b.data);
    if (const auto* number = std::get_if<std::int64_t>(&a.data)) {
        return *number == std::get<std::int64_t>(b.data);
    }
    if (const auto* number = std::get_if<double>(&a.data))
        return *number == std::get<double>(b.data);
    if (const auto* text = std::get_if<std::string>(&a.data)) {
        return *text == std::get<std::string>(b.data);
    }
    if (const auto* list = std::get_if<List>(&a.data)) {
        const auto& other = std::get<List>(b.data);
        if (list->size() != other.size()) return false;
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (!same((*list)[i], other[i])) return false;
        }
        return true;
    }
    return false;
}

std::string type_name(const Value& value) {
    struct Names {
        std::string operator()(std::monostate) const { return "nothing"; }
        std::string operator()(bool) const { return "true or false"; }
        std::string operator()(std::int64_t) const { return "a whole number"; }
        std::string operator()(double) const { return "a number with decimals"; }
        std::string operator()(const std::string&) const { return "text"; }
        std::string operator()(const List&) const { return "a list"; }
        std::string operator()(const Table&) const { return "a table"; }
        std::string operator()(const Foreign& foreign) const { return foreign.name; }
    };
    return std::visit(Names{}, value.data);
}

}  // namespace wanctl::config
