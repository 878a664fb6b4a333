// Makes text from files, routers and packets safe to show: one line, no control characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wanctl {

// Length of the UTF-8 character at the start of `text`; 0 if it is none.
[[nodiscard]] inline std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return 0;
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return 0;
    }
    // Overlong forms, surrogates and what lies beyond U+10FFFF.
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
        (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) {
        return 0;
    }
    return length;
}

// Appends `text` with control characters (C0, DEL, C1) and bytes that are no UTF-8 as \n, \t or
// \xNN.
inline void append_printable(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto append_hex = [&](unsigned char byte) {
        out += "\\x";
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
    };
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text[0]);
        std::size_t length = utf8_length(text);
        if (first == '\n') {
            out += "\\n";
        } else if (first == '\t') {
            out += "\\t";
        } else if (first < 0x20 || first == 0x7f || length == 0) {
            append_hex(first);
            length = 1;
        } else if (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) {
            append_hex(static_cast<unsigned char>(text[1]));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
}

[[nodiscard]] inline std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_printable(out, text);
    return out;
}

}  // namespace wanctl
