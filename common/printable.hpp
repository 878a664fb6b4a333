// Makes text from files, routers and packets safe to show: one line, no control characters.
#pragma once

#include <string>
#include <string_view>

namespace wanctl {

// Appends `text` with control characters (C0, DEL, and the C1 range in UTF-8) as \n, \t or \xNN.
// Other bytes, UTF-8 included, stay as they are.
inline void append_printable(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto hex = [&](unsigned char byte) {
        out += "\\x";
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const unsigned char next =
            i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        if (byte == '\n') {
            out += "\\n";
        } else if (byte == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            hex(byte);
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            hex(next);
            ++i;
        } else {
            out += text[i];
        }
    }
}

[[nodiscard]] inline std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_printable(out, text);
    return out;
}

}  // namespace wanctl
