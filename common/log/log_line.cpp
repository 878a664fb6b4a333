#include "common/log/log_line.hpp"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl {

namespace {

constexpr std::string_view kCut = "...";

std::string shortened(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return std::string(text);
    std::size_t end = longest;
    // Not through the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + std::string(kCut);
}

// A value that could be taken for something else stands in quotes.
void append_text_value(std::string& out, std::string_view value) {
    const std::string safe = printable(shortened(value, kLongestLogValue));
    if (!safe.empty() && safe.find_first_of(" \"=\\") == std::string::npos) {
        out += safe;
        return;
    }
    out += '"';
    for (const char c : safe) {
        // printable() made the backslashes of its escapes; one of the value itself looks the same.
        if (c == '"') out += '\\';
        out += c;
    }
    out += '"';
}

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text[0]);
        std::size_t length = utf8_length(text);
        if (first == '"' || first == '\\') {
            out += '\\';
            out += text[0];
        } else if (first < 0x20 || first == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", first);
        } else if (length == 0) {
            out += "\\ufffd";
            length = 1;
        } else if (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                           static_cast<unsigned char>(text[1]));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    out += '"';
}

struct AppendText {
    std::string& out;
    void operator()(std::string_view value) const { append_text_value(out, value); }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    template <typename Number>
    void operator()(Number value) const {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
};

struct AppendJson {
    std::string& out;
    void operator()(std::string_view value) const {
        append_json_text(out, shortened(value, kLongestLogValue));
    }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(double value) const {
        out += std::isfinite(value) ? fmt::format("{}", value) : "null";
    }
    template <typename Integer>
    void operator()(Integer value) const {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
};

}  // namespace

std::string text_line(std::string_view message, std::span<const LogField> fields) {
    std::string out = printable(shortened(message, kLongestLogMessage));
    for (const LogField& field : fields) {
        out += ' ';
        out += field.key;
        out += '=';
        std::visit(AppendText{out}, field.value);
    }
    return out;
}

std::string json_members(std::string_view message, std::span<const LogField> fields) {
    std::string out = "\"message\":";
    append_json_text(out, shortened(message, kLongestLogMessage));
    for (const LogField& field : fields) {
        out += ',';
        append_json_text(out, field.key);
        out += ':';
        std::visit(AppendJson{out}, field.value);
    }
    return out;
}

}  // namespace wanctl
