// A whole file against its table of keys: every key looked at, every error collected, defaults
// filled in. What is left to do are the rules between keys.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/config_error.hpp"
#include "common/config/document.hpp"
#include "common/config/keys.hpp"

namespace wanctl::config {

struct CheckedKey {
    const KeySpec* spec = nullptr;
    Value value;  // of the spec's type; the default if absent or wrong; monostate without one
    bool given = false;  // stands in the file
    bool good = false;   // given and fine, or a default
};

// One section as it stands in the file, or one of defaults only. Asking for a key or type that the
// table does not have is a programming fault: std::logic_error.
class CheckedSection {
  public:
    CheckedSection(const SectionSpec& spec, std::string name)
        : spec_(&spec), name_(std::move(name)) {}

    [[nodiscard]] const SectionSpec& spec() const { return *spec_; }
    [[nodiscard]] const std::string& name() const { return name_; }  // "sink.NAME" for named ones
    [[nodiscard]] std::string full_key(std::string_view key) const;

    [[nodiscard]] bool given(std::string_view key) const { return find(key).given; }
    // Rules between keys hold only among good ones: one mistake makes one error.
    [[nodiscard]] bool good(std::initializer_list<std::string_view> keys) const;
    // Where the key stands; the section's own place if it is absent.
    [[nodiscard]] ConfigPosition where(std::string_view key) const;

    [[nodiscard]] bool boolean(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key) const;
    [[nodiscard]] double number(std::string_view key) const;
    [[nodiscard]] const std::string& text(std::string_view key) const;  // "" if it has no default
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
    [[nodiscard]] const CheckedKey& find(std::string_view key) const;

    bool in_file = false;
    bool left_out = false;  // an optional_part with a mistake
    ConfigPosition at{1, 1};
    std::vector<CheckedKey> keys;

  private:
    const SectionSpec* spec_;
    std::string name_;
};

struct CheckedFile {
    std::string file;
    std::vector<CheckedSection> sections;
    ConfigErrors errors;
    ConfigErrors warnings;
    ConfigErrors omissions;  // errors that only leave their section out (optional_part)

    [[nodiscard]] const CheckedSection& section(std::string_view name) const;
    // Of an optional_part: leaves the section out. An empty key stands for the section.
    void error(const CheckedSection& section, std::string_view key, std::string message);
    void leave_out(CheckedSection& section, ConfigPosition at, std::string key,
                   std::string message);
    void warn(const CheckedSection& section, std::string_view key, std::string message);
    // By place, so that the file can be mended from top to bottom.
    void sort();
};

// Never throws on bad text; a syntax error is the only error of its file.
[[nodiscard]] CheckedFile check_file(const KeyTable& table, std::string_view text,
                                     std::string file);

}  // namespace wanctl::config
