#include "common/config/keys.hpp"

#include <fmt/format.h>

namespace wanctl::config {

namespace {

// 0.1, 2000, 25: as a person would write it.
std::string range(const KeySpec& spec) {
    const std::string unit = spec.unit.empty() ? "" : fmt::format(" {}", spec.unit);
    if (spec.min == spec.max) return unit.empty() ? "" : " of" + unit;
    return fmt::format(" from {} to {}{}", spec.min, spec.max, unit);
}

std::string quoted_words(std::string_view list) {
    std::string out;
    for_each_word(list, [&](std::string_view word) {
        if (!out.empty()) out += ", ";
        out += fmt::format("\"{}\"", word);
    });
    return out;
}

std::string zones(std::string_view list) {
    std::string out;
    for_each_word(list, [&](std::string_view word) {
        if (!out.empty()) out += ", ";
        out += fmt::format("{} = ...", word);
    });
    return out;
}

}  // namespace

const KeySpec* SectionSpec::find(std::string_view key) const {
    for (const KeySpec& spec : keys) {
        if (spec.key == key) return &spec;
    }
    return nullptr;
}

const SectionSpec* KeyTable::find(std::string_view section) const {
    for (const SectionSpec* spec : sections) {
        if (spec->name == section) return spec;
    }
    return nullptr;
}

bool KeyTable::knows(std::string_view word) const {
    for (const SectionSpec* section : sections) {
        if (word == section->name && !word.empty()) return true;
        for (const KeySpec& spec : section->keys) {
            if (word == spec.key) return true;
            if (word == fmt::format("{}.{}", section->name, spec.key)) return true;
        }
    }
    return false;
}

std::string allowed(const KeySpec& spec) {
    switch (spec.type) {
        case KeyType::boolean:
            return "true or false";
        case KeyType::integer:
            return "a whole number" + range(spec);
        case KeyType::number:
            return "a number" + range(spec);
        case KeyType::text:
            return "text in double quotes";
        case KeyType::choice:
            return (spec.choices.find('|') == std::string_view::npos ? "" : "one of ") +
                   quoted_words(spec.choices);
        case KeyType::text_list:
            return "a list of texts, [\"...\", \"...\"]";
        case KeyType::floors:
            return fmt::format("a number{}, or {{ {} }}", range(spec), zones(spec.choices));
        case KeyType::refused:
            break;
    }
    return "";
}

bool has_word(std::string_view list, std::string_view word) {
    bool found = false;
    for_each_word(list, [&](std::string_view each) { found = found || each == word; });
    return found;
}

}  // namespace wanctl::config
