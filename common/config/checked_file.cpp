#include "common/config/checked_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "common/config/suggest.hpp"
#include "common/config/toml_reader.hpp"
#include "common/config/value_check.hpp"

namespace wanctl::config {

namespace {

[[noreturn]] void not_in_table(std::string_view key) {
    throw std::logic_error(fmt::format("table of keys: no \"{}\" of that type", key));
}

std::string joined(std::string_view section, std::string_view key) {
    return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

std::string did_you_mean(const std::string& suggestion, std::string_view otherwise) {
    return suggestion.empty() ? std::string(otherwise)
                              : fmt::format("did you mean {}?", suggestion);
}

class Checker {
  public:
    Checker(const KeyTable& table, CheckedFile& out) : table_(table), out_(out) {}

    void run(const Table& document) {
        section(*table_.find(""), "", document, {1, 1});
        add_absent_sections();
        for (CheckedSection& checked : out_.sections) complete(checked);
    }

  private:
    void error(ConfigPosition at, std::string key, std::string message) {
        out_.errors.push_back({out_.file, at, std::move(key), std::move(message)});
    }

    // Of something that stands in `section`.
    void error(CheckedSection& section, ConfigPosition at, std::string key, std::string message) {
        if (!section.spec().optional_part) return error(at, std::move(key), std::move(message));
        out_.leave_out(section, at, std::move(key), std::move(message));
    }

    void section(const SectionSpec& spec, const std::string& name, const Table& content,
                 ConfigPosition at) {
        CheckedSection checked(spec, name);
        checked.in_file = true;
        checked.at = at.line == 0 ? ConfigPosition{1, 1} : at;
        for (const Entry& entry : content.entries) {
            if (const KeySpec* key = spec.find(entry.key)) {
                checked.keys.push_back(check_key(*key, entry, checked));
            } else {
                subsection_or_unknown(checked, entry);
            }
        }
        out_.sections.push_back(std::move(checked));
    }

    CheckedKey check_key(const KeySpec& key, const Entry& entry, CheckedSection& section) {
        CheckedKey checked{&key, entry.value, true, false};
        // A value of these may be a secret that was put under the wrong key.
        const bool may_quote = section.spec().name != "router" && section.spec().name != "sink";
        const std::string name = section.full_key(entry.key);
        std::string problem = check_value(key, checked.value, may_quote);
        if (problem.empty() && key.availability == Availability::not_yet &&
            !same(checked.value, read_literal(key.value))) {
            problem = fmt::format("is not available in this version, allowed: {}", key.value);
        }
        if (!problem.empty()) {
            error(section, key.type == KeyType::refused ? entry.key_at : entry.value.at, name,
                  std::move(problem));
            return checked;
        }
        checked.good = true;
        if (key.availability == Availability::inert && asks_for_something(checked.value)) {
            out_.warnings.push_back({out_.file, entry.value.at, name,
                                     "is not available in this version, has no effect"});
        }
        return checked;
    }

    static bool asks_for_something(const Value& value) {
        if (const auto* flag = std::get_if<bool>(&value.data)) return *flag;
        if (const auto* number = std::get_if<double>(&value.data)) return *number != 0.0;
        if (const auto* text = std::get_if<std::string>(&value.data)) return !text->empty();
        if (const auto* list = std::get_if<List>(&value.data)) return !list->empty();
        return true;
    }

    void subsection_or_unknown(CheckedSection& parent, const Entry& entry) {
        const std::string name = parent.full_key(entry.key);
        const SectionSpec* spec = table_.find(name);
        if (spec == nullptr || spec == &parent.spec()) {
            unknown(parent, name, entry);
        } else if (spec->kind == SectionKind::table) {
            if (const auto* content = std::get_if<Table>(&entry.value.data)) {
                section(*spec, name, *content, entry.value.at);
            } else {
                error(entry.key_at, name, fmt::format("is not a section, allowed: [{}]", name));
            }
        } else if (spec->kind == SectionKind::array) {
            array_section(*spec, name, entry);
        } else {
            named_sections(*spec, name, entry);
        }
    }

    void array_section(const SectionSpec& spec, const std::string& name, const Entry& entry) {
        const auto* list = std::get_if<List>(&entry.value.data);
        const bool tables =
            list != nullptr && std::all_of(list->begin(), list->end(), [](const Value& value) {
                return std::holds_alternative<Table>(value.data);
            });
        if (!tables) {
            error(entry.key_at, name,
                  fmt::format("is not a list of sections, allowed: [[{}]]", name));
            return;
        }
        for (const Value& value : *list) {
            section(spec, name, std::get<Table>(value.data), value.at);
        }
    }

    void named_sections(const SectionSpec& spec, const std::string& name, const Entry& entry) {
        const std::string allowed_here = fmt::format("allowed: [{}.NAME]", name);
        const auto* content = std::get_if<Table>(&entry.value.data);
        if (content == nullptr) {
            error(entry.key_at, name, "is not a group of sections, " + allowed_here);
            return;
        }
        for (const Entry& each : content->entries) {
            const std::string full = joined(name, each.key);
            if (const auto* table = std::get_if<Table>(&each.value.data)) {
                section(spec, full, *table, each.value.at);
            } else {
                error(each.key_at, full, "is not a section, " + allowed_here);
            }
        }
    }

    void unknown(CheckedSection& parent, const std::string& name, const Entry& entry) {
        const bool is_section = std::holds_alternative<Table>(entry.value.data);
        if (is_section) {
            error(parent, entry.key_at, name,
                  "unknown section, " +
                      did_you_mean(nearest_section(table_, name), "see --print-config-reference"));
            return;
        }
        std::string suggestion = nearest_key(table_, parent.spec(), entry.key);
        error(parent, entry.key_at, name,
              "unknown key, " + did_you_mean(suggestion, "see --print-config-reference"));
    }

    void add_absent_sections() {
        for (const SectionSpec* spec : table_.sections) {
            if (spec->kind != SectionKind::table) continue;
            const bool present =
                std::any_of(out_.sections.begin(), out_.sections.end(),
                            [&](const CheckedSection& checked) { return &checked.spec() == spec; });
            if (!present) out_.sections.emplace_back(*spec, std::string(spec->name));
        }
    }

    void complete(CheckedSection& checked) {
        for (const KeySpec& spec : checked.spec().keys) {
            const auto found =
                std::find_if(checked.keys.begin(), checked.keys.end(),
                             [&](const CheckedKey& key) { return key.spec == &spec; });
            const bool absent = found == checked.keys.end();
            if (!absent && found->good) continue;
            CheckedKey filled{&spec, Value{{}, checked.at}, !absent, false};
            if (spec.type == KeyType::refused && absent) filled.good = true;
            if (!absent) filled.value.at = found->value.at;
            if (spec.presence == Presence::optional && spec.type != KeyType::refused) {
                const ConfigPosition at = filled.value.at;
                filled.value = default_of(spec);
                filled.value.at = at;
            }
            if (absent) {
                filled.good = spec.presence != Presence::required;
                if (!filled.good) {
                    error(checked, checked.at, checked.full_key(spec.key),
                          fmt::format("is required, allowed: {} ({})", allowed(spec), spec.about));
                }
                checked.keys.push_back(std::move(filled));
            } else {
                *found = std::move(filled);
            }
        }
    }

    static Value default_of(const KeySpec& spec) {
        Value value = read_literal(spec.value);
        const std::string problem = check_value(spec, value, true);
        if (!problem.empty()) {
            throw std::logic_error(fmt::format("table of keys: {}: {}", spec.key, problem));
        }
        return value;
    }

    const KeyTable& table_;
    CheckedFile& out_;
};

}  // namespace

std::string CheckedSection::full_key(std::string_view key) const {
    return joined(name_, key);
}

const CheckedKey& CheckedSection::find(std::string_view key) const {
    for (const CheckedKey& checked : keys) {
        if (checked.spec->key == key) return checked;
    }
    not_in_table(full_key(key));
}

bool CheckedSection::good(std::initializer_list<std::string_view> wanted) const {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](std::string_view key) { return find(key).good; });
}

ConfigPosition CheckedSection::where(std::string_view key) const {
    const CheckedKey& found = find(key);
    return found.given ? found.value.at : at;
}

bool CheckedSection::boolean(std::string_view key) const {
    if (const auto* flag = std::get_if<bool>(&find(key).value.data)) return *flag;
    not_in_table(full_key(key));
}

std::int64_t CheckedSection::integer(std::string_view key) const {
    if (const auto* number = std::get_if<std::int64_t>(&find(key).value.data)) return *number;
    not_in_table(full_key(key));
}

double CheckedSection::number(std::string_view key) const {
    const CheckedKey& found = find(key);
    if (const auto* number = std::get_if<double>(&found.value.data)) return *number;
    if (std::holds_alternative<std::monostate>(found.value.data)) return 0.0;
    not_in_table(full_key(key));
}

const std::string& CheckedSection::text(std::string_view key) const {
    static const std::string none;
    const CheckedKey& found = find(key);
    if (const auto* text = std::get_if<std::string>(&found.value.data)) return *text;
    if (std::holds_alternative<std::monostate>(found.value.data)) return none;
    not_in_table(full_key(key));
}

std::vector<std::string> CheckedSection::texts(std::string_view key) const {
    std::vector<std::string> out;
    if (const auto* list = std::get_if<List>(&find(key).value.data)) {
        for (const Value& value : *list) out.push_back(std::get<std::string>(value.data));
    }
    return out;
}

const CheckedSection& CheckedFile::section(std::string_view name) const {
    for (const CheckedSection& checked : sections) {
        if (checked.name() == name) return checked;
    }
    not_in_table(name);
}

void CheckedFile::error(const CheckedSection& section, std::string_view key, std::string message) {
    const ConfigPosition at = key.empty() ? section.at : section.where(key);
    std::string name = key.empty() ? section.name() : section.full_key(key);
    if (!section.spec().optional_part) {
        errors.push_back({file, at, std::move(name), std::move(message)});
        return;
    }
    const auto mine = std::find_if(sections.begin(), sections.end(),
                                   [&](const CheckedSection& each) { return &each == &section; });
    if (mine != sections.end()) leave_out(*mine, at, std::move(name), std::move(message));
}

void CheckedFile::leave_out(CheckedSection& section, ConfigPosition at, std::string key,
                            std::string message) {
    section.left_out = true;
    message += section.spec().kind == SectionKind::array
                   ? fmt::format("; this [[{}]] is left out", section.name())
                   : fmt::format("; [{}] is left out", without_url(section.name()));
    omissions.push_back({file, at, std::move(key), std::move(message)});
}

void CheckedFile::warn(const CheckedSection& section, std::string_view key, std::string message) {
    warnings.push_back({file, section.where(key), section.full_key(key), std::move(message)});
}

void CheckedFile::sort() {
    const auto by_place = [](const ConfigError& a, const ConfigError& b) { return a.at < b.at; };
    std::stable_sort(errors.begin(), errors.end(), by_place);
    std::stable_sort(warnings.begin(), warnings.end(), by_place);
    std::stable_sort(omissions.begin(), omissions.end(), by_place);
}

CheckedFile check_file(const KeyTable& table, std::string_view text, std::string file) {
    CheckedFile out;
    out.file = std::move(file);
    const auto known = [&](std::string_view word) { return table.knows(word); };
    auto document = read_toml(text, out.file, known);
    if (!document) {
        out.errors.push_back(std::move(document.error()));
        return out;
    }
    Checker(table, out).run(*document);
    return out;
}

}  // namespace wanctl::config
