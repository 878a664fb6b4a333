#include "common/config/toml_reader.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 1
// A damaged key trips an assertion of toml++ where its release build reports a syntax error.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

namespace wanctl::config {

namespace {

ConfigPosition position_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

Value convert(const toml::node& node);

Table convert_table(const toml::table& table) {
    Table out;
    out.entries.reserve(table.size());
    for (const auto& [key, node] : table) {
        Entry entry{std::string(key.str()), position_of(key.source()), convert(node)};
        if (entry.key_at.line == 0) entry.key_at = entry.value.at;
        if (entry.value.at.line == 0) entry.value.at = entry.key_at;
        out.entries.push_back(std::move(entry));
    }
    return out;
}

List convert_list(const toml::array& array) {
    List out;
    out.reserve(array.size());
    for (const toml::node& node : array) out.push_back(convert(node));
    return out;
}

Value convert(const toml::node& node) {
    Value out;
    out.at = position_of(node.source());
    switch (node.type()) {
        case toml::node_type::boolean:
            out.data = node.as_boolean()->get();
            break;
        case toml::node_type::integer:
            out.data = node.as_integer()->get();
            break;
        case toml::node_type::floating_point:
            out.data = node.as_floating_point()->get();
            break;
        case toml::node_type::string:
            out.data = node.as_string()->get();
            break;
        case toml::node_type::array:
            out.data = convert_list(*node.as_array());
            break;
        case toml::node_type::table:
            out.data = convert_table(*node.as_table());
            break;
        default:
            out.data = Foreign{"a date or time"};
    }
    return out;
}

// What TOML itself is made of, as the library spells it.
bool is_punctuation(std::string_view piece) {
    return piece == "\\n" || piece == "\\r" ||
           (piece.size() == 1 &&
            std::string_view("[]{}=,\"#.").find(piece) != std::string_view::npos);
}

// The library quotes what it read between single quotes. Unless each such piece may be shown, all
// from the first quote to the last is left out: a secret may hold quotes itself.
std::string scrubbed(std::string_view description,
                     const std::function<bool(std::string_view)>& may_be_shown) {
    const std::size_t first = description.find('\'');
    const std::size_t last = description.rfind('\'');
    if (first == std::string_view::npos || first == last) return std::string(description);
    bool harmless = true;
    for (std::size_t open = first; harmless && open != std::string_view::npos;) {
        const std::size_t close = description.find('\'', open + 1);
        harmless = close != std::string_view::npos;
        if (!harmless) break;
        const std::string_view piece = description.substr(open + 1, close - open - 1);
        harmless = is_punctuation(piece) || may_be_shown(piece);
        open = description.find('\'', close + 1);
    }
    if (harmless) return std::string(description);
    return fmt::format("{}(not shown){}", description.substr(0, first),
                       description.substr(last + 1));
}

// toml++ follows each part of a dotted key one call deeper, without a bound of its own.
constexpr std::ptrdiff_t kMostDotsInALine = 500;

std::optional<ConfigError> too_deep(std::string_view text, const std::string& file) {
    std::uint32_t line = 1;
    while (!text.empty()) {
        const std::string_view row = text.substr(0, text.find('\n'));
        if (std::count(row.begin(), row.end(), '.') > kMostDotsInALine) {
            return ConfigError{
                file,
                {line, 1},
                "",
                fmt::format("more than {} dots in one line; allowed: keys of a few parts",
                            kMostDotsInALine)};
        }
        text.remove_prefix(std::min(text.size(), row.size() + 1));
        ++line;
    }
    return std::nullopt;
}

}  // namespace

tl::expected<Table, ConfigError> read_toml(
    std::string_view text, const std::string& file,
    const std::function<bool(std::string_view)>& may_be_shown) {
    if (auto error = too_deep(text, file)) return tl::unexpected(std::move(*error));
    try {
        return convert_table(toml::parse(text));
    } catch (const toml::parse_error& error) {
        ConfigPosition at = position_of(error.source());
        if (at.line == 0) at = {1, 1};
        return tl::unexpected<ConfigError>(
            ConfigError{file, at, "",
                        fmt::format("not valid TOML: {}; allowed: TOML 1.0, text in double quotes",
                                    scrubbed(error.description(), may_be_shown))});
    }
}

Value read_literal(std::string_view literal) {
    try {
        const toml::table table = toml::parse(fmt::format("value = {}", literal));
        return convert(*table.get("value"));
    } catch (const toml::parse_error& error) {
        throw std::logic_error(
            fmt::format("table of keys: {}: {}", literal, std::string(error.description())));
    }
}

}  // namespace wanctl::config
