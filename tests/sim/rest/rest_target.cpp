#include "tests/sim/rest/rest_target.hpp"

#include <charconv>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

// `%41` becomes `A`. A plus sign is a plus sign here, and `%2A` stays as it is.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned byte = 0;
        const char* const digits = text.data() + at + 1;
        const bool escaped = text[at] == '%' && at + 2 < text.size() &&
                             std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        if (!escaped || byte == '*') {
            out.push_back(text[at]);
            continue;
        }
        out.push_back(static_cast<char>(byte));
        at += 2;
    }
    return out;
}

void parse_query(std::string_view query, RestTarget& target) {
    for (const auto& field : split(query, '&')) {
        const auto equals = field.find('=');
        const auto name = decoded(field.substr(0, equals));
        const auto value = equals == field.npos ? std::string() : decoded(field.substr(equals + 1));
        if (name == ".proplist") {
            target.proplist = split(value, ',');
        } else if (!name.empty() && (name[0] != '.' || name == ".id")) {
            target.filters[name] = value;
        }
    }
}

}  // namespace

std::optional<RestTarget> parse_target(std::string_view target) {
    constexpr std::string_view kBase = "/rest";
    const auto question = target.find('?');
    std::string_view path = target.substr(0, question);
    if (!path.starts_with(kBase)) return std::nullopt;
    path.remove_prefix(kBase.size());
    if (!path.empty() && path.front() != '/') return std::nullopt;
    RestTarget parsed;
    for (const auto& segment : split(path, '/')) {
        if (segment.empty()) continue;
        if (segment.find("%2A") != segment.npos || segment.find("%2a") != segment.npos) {
            parsed.encoded_asterisk = true;
        }
        parsed.path.push_back(decoded(segment));
    }
    if (question != target.npos) parse_query(target.substr(question + 1), parsed);
    return parsed;
}

}  // namespace wanctl::sim
