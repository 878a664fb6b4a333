#include "common/config/reference_text.hpp"

#include <fmt/format.h>

#include "common/config/keys.hpp"

namespace wanctl {

namespace {

using config::Availability;
using config::KeySpec;
using config::KeyType;
using config::Presence;
using config::SectionKind;
using config::SectionSpec;

std::string availability(const KeySpec& spec) {
    if (spec.availability == Availability::inert) {
        return " Takes effect in a later version.";
    }
    if (spec.availability == Availability::not_yet || !spec.later.empty()) {
        return " Other values: not available in this version.";
    }
    return "";
}

void print_key(std::string& out, const KeySpec& spec, bool optional_section) {
    if (spec.type == KeyType::refused) return;
    out +=
        fmt::format("# {}{}.", spec.presence == Presence::required ? "Required: " : "", spec.about);
    if (spec.presence == Presence::one_of_required) out += " One of the three ways is required.";
    // That text is text and a list a list is seen at the example.
    if (spec.type != KeyType::text && spec.type != KeyType::text_list) {
        out += fmt::format(" Allowed: {}.", config::allowed(spec));
    }
    out += availability(spec) + '\n';
    switch (spec.presence) {
        case Presence::required:
        case Presence::one_of_required:
            out += fmt::format("#{}{} = {}\n", optional_section ? " " : "", spec.key, spec.value);
            break;
        case Presence::derived:
        case Presence::alternative:
            out += fmt::format("# {} = {}\n", spec.key, spec.value);
            break;
        case Presence::optional: {
            // What has no effect yet would only warn.
            const bool prose = optional_section || spec.availability == Availability::inert;
            out += fmt::format("{}{} = {}\n", prose ? "# " : "", spec.key, spec.value);
            break;
        }
    }
}

void print_section(std::string& out, const SectionSpec& section) {
    const bool optional_section = section.kind != SectionKind::table;
    out += '\n';
    if (!section.about.empty()) out += fmt::format("# {}\n", section.about);
    if (section.kind == SectionKind::array) {
        out += fmt::format("# [[{}]]\n", section.name);
    } else if (section.kind == SectionKind::named) {
        out += fmt::format("# [{}.NAME]\n", section.name);
    } else if (!section.name.empty()) {
        out += fmt::format("[{}]\n", section.name);
    }
    for (const KeySpec& spec : section.keys) print_key(out, spec, optional_section);
}

std::string reference(const config::KeyTable& table) {
    std::string out = fmt::format(
        "# {}\n"
        "# TOML 1.0. Units are in the key's name. What stands here is the default; lines that "
        "begin\n"
        "# with \"#key =\" have none and must be filled in, those with \"# key =\" may be.\n",
        table.about);
    for (const SectionSpec* section : table.sections) print_section(out, *section);
    return out;
}

}  // namespace

std::string autorate_config_reference() {
    return reference(config::autorate_keys());
}

std::string steering_config_reference() {
    return reference(config::steering_keys());
}

}  // namespace wanctl
