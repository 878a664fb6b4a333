// A configuration file in the making: keys can be set, replaced and left out before it is written.
#pragma once

#include <map>
#include <string>

namespace wanctl::test {

class TomlText {
  public:
    // `key` is "wan" or "section.key"; `value` is TOML, so strings come with their quotes.
    TomlText& set(const std::string& key, const std::string& value);
    TomlText& remove(const std::string& key);
    [[nodiscard]] std::string text() const;

  private:
    std::map<std::string, std::map<std::string, std::string>> sections_;
};

// `text` in the quotes of a TOML string; no escapes are needed or made.
[[nodiscard]] std::string toml_string(const std::string& text);

}  // namespace wanctl::test
