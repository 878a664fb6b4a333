// The table of keys: everything that may stand in a configuration file, told once. Parsing,
// defaults, ranges, suggestions and the printed reference all follow it.
//
// A kind of file is a KeyTable: a list of sections. Sections that several kinds share (router,
// state, shm, log ...) are told once and listed by each; a new kind of file lists its own beside
// them and gets checking, suggestions and the reference text from the same functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wanctl::config {

enum class KeyType {
    boolean,
    integer,
    number,  // whole numbers are fine too; never NaN or infinite
    text,
    choice,  // one of `choices`
    text_list,
    floors,   // a rate, or a table of the zones in `choices`
    refused,  // known only to be refused with `about`; its value is never looked at
};

enum class Presence {
    required,
    optional,         // `value` is the default
    derived,          // the default follows from other keys, as `about` says; `value` is an example
    one_of_required,  // exactly one of a group is required; this is the one the reference shows
    alternative,      // another one of that group
};

enum class Availability {
    now,
    not_yet,  // anything but the default is an error: not available in this version
    inert,    // accepted with a warning: not available in this version, has no effect
};

struct KeySpec {
    std::string_view key;
    KeyType type = KeyType::text;
    Presence presence = Presence::optional;
    std::string_view value = "\"\"";  // as TOML
    std::string_view unit = "";
    double min = 0.0;  // of numbers, both ends allowed; min == max: unbounded
    double max = 0.0;
    std::string_view choices = "";  // separated by '|'
    std::string_view later = "";    // choices of a later version; "*" = every other one
    Availability availability = Availability::now;
    std::string_view about;  // one line
};

enum class SectionKind {
    table,  // [name], or the top of the file for the empty name
    array,  // [[name]]
    named,  // [name.ANY], any number of them
};

struct SectionSpec {
    std::string_view name;
    SectionKind kind = SectionKind::table;
    std::string_view about;
    std::span<const KeySpec> keys;
    // What is wrong in it leaves this one section out; the rest of the file holds.
    bool optional_part = false;

    [[nodiscard]] const KeySpec* find(std::string_view key) const;
};

struct KeyTable {
    std::string_view about;  // first lines of the printed reference
    std::span<const SectionSpec* const> sections;

    [[nodiscard]] const SectionSpec* find(std::string_view section) const;
    // Whether `word` is the name of a section or key, alone or dotted.
    [[nodiscard]] bool knows(std::string_view word) const;
};

// /etc/wanctl/autorate/<wan>.toml
[[nodiscard]] const KeyTable& autorate_keys();
// /etc/wanctl/steering.toml
[[nodiscard]] const KeyTable& steering_keys();

// What every kind of file shares.
extern const SectionSpec kRouterSection;
extern const SectionSpec kStateSection;
extern const SectionSpec kShmSection;
extern const SectionSpec kHistorySection;
extern const SectionSpec kHttpSection;
extern const SectionSpec kProfileSection;
extern const SectionSpec kAutorateAlertSection;
extern const SectionSpec kSteeringAlertSection;
extern const SectionSpec kSinkSection;
extern const SectionSpec kLogSection;

// "a whole number from 5 to 2000 ms", "one of \"none\", \"v1.9\"": what a key accepts, in words.
[[nodiscard]] std::string allowed(const KeySpec& spec);

// Calls `each(choice)` for every word of a list separated by '|'.
template <typename Each>
void for_each_word(std::string_view list, Each&& each) {
    while (!list.empty()) {
        const std::size_t bar = list.find('|');
        each(list.substr(0, bar));
        list = bar == std::string_view::npos ? std::string_view() : list.substr(bar + 1);
    }
}

[[nodiscard]] bool has_word(std::string_view list, std::string_view word);

}  // namespace wanctl::config
