#include "tests/sim/rest/json_text.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace wanctl::sim {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | (code >> 6));
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | (code >> 12));
        put(0x80 | ((code >> 6) & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | (code >> 18));
        put(0x80 | ((code >> 12) & 0x3F));
        put(0x80 | ((code >> 6) & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

// A reader over the text; every function answers false (or nothing) at the first thing that is not
// JSON.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::optional<Arguments> object() {
        Arguments arguments;
        if (!take('{')) return std::nullopt;
        if (take('}')) return at_end(arguments);
        do {
            skip_space();
            const auto name = string();
            if (!name || !take(':') || !member(arguments, *name)) return std::nullopt;
        } while (take(','));
        if (!take('}')) return std::nullopt;
        return at_end(arguments);
    }

  private:
    std::optional<Arguments> at_end(Arguments& arguments) {
        skip_space();
        if (!text_.empty()) return std::nullopt;
        return std::move(arguments);
    }

    bool member(Arguments& arguments, const std::string& name) {
        skip_space();
        if (!text_.empty() && text_.front() == '[') {
            auto items = list();
            if (!items) return false;
            arguments.lists[name] = std::move(*items);
            return true;
        }
        auto item = scalar();
        if (!item) return false;
        arguments.values[name] = std::move(*item);
        return true;
    }

    std::optional<std::vector<std::string>> list() {
        std::vector<std::string> items;
        take('[');
        if (take(']')) return items;
        do {
            auto item = scalar();
            if (!item) return std::nullopt;
            items.push_back(std::move(*item));
        } while (take(','));
        if (!take(']')) return std::nullopt;
        return items;
    }

    std::optional<std::string> scalar() {
        skip_space();
        if (text_.empty()) return std::nullopt;
        if (text_.front() == '"') return string();
        for (const std::string_view word : {"true", "false"}) {
            if (text_.starts_with(word)) {
                text_.remove_prefix(word.size());
                return std::string(word);
            }
        }
        return number();
    }

    std::optional<std::string> number() {
        const auto end = text_.find_first_not_of("+-.0123456789abcdefABCDEFxX");
        std::string_view token = text_.substr(0, end);
        text_.remove_prefix(token.size());
        const bool negative = token.starts_with('-');
        if (negative) token.remove_prefix(1);
        if (token.empty()) return std::nullopt;
        const bool hex = token.starts_with("0x") || token.starts_with("0X");
        const bool octal = !hex && token.size() > 1 && token[0] == '0' && token[1] != '.';
        std::string digits(token);
        if (hex || octal) {
            const auto decimal = converted(token.substr(hex ? 2 : 1), hex ? 16 : 8);
            if (!decimal) return std::nullopt;
            digits = *decimal;
        } else if (!plain_decimal(token)) {
            return std::nullopt;
        }
        return negative ? fmt::format("-{}", digits) : digits;
    }

    static std::optional<std::string> converted(std::string_view token, int base) {
        std::uint64_t value = 0;
        const char* const end = token.data() + token.size();
        const auto [stop, error] = std::from_chars(token.data(), end, value, base);
        if (error != std::errc() || stop != end) return std::nullopt;
        return fmt::format("{}", value);
    }

    // Digits with at most one point between them; an exponent is refused, as the router does.
    static bool plain_decimal(std::string_view token) {
        const auto point = token.find('.');
        const auto whole = token.substr(0, point);
        if (whole.empty() || whole.find_first_not_of("0123456789") != whole.npos) return false;
        if (point == token.npos) return true;
        const auto fraction = token.substr(point + 1);
        return !fraction.empty() && fraction.find_first_not_of("0123456789") == fraction.npos;
    }

    std::optional<std::string> string() {
        if (!text_.starts_with('"')) return std::nullopt;
        text_.remove_prefix(1);
        std::string out;
        while (!text_.empty()) {
            const char c = next();
            if (c == '"') return out;
            if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
            if (c != '\\') {
                out.push_back(c);
            } else if (!escape(out)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

    bool escape(std::string& out) {
        if (text_.empty()) return false;
        const char c = next();
        constexpr std::string_view kNames = "\"\\/bfnrt";
        constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
        if (const auto at = kNames.find(c); at != kNames.npos) {
            out.push_back(kBytes[at]);
            return true;
        }
        if (c != 'u') return false;
        auto code = hex4();
        if (!code) return false;
        if (*code >= 0xD800 && *code < 0xDC00) {
            if (!text_.starts_with("\\u")) return false;
            text_.remove_prefix(2);
            const auto low = hex4();
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
            code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
        }
        append_utf8(out, *code);
        return true;
    }

    std::optional<std::uint32_t> hex4() {
        if (text_.size() < 4) return std::nullopt;
        std::uint32_t code = 0;
        const char* const end = text_.data() + 4;
        const auto [stop, error] = std::from_chars(text_.data(), end, code, 16);
        if (error != std::errc() || stop != end) return std::nullopt;
        text_.remove_prefix(4);
        return code;
    }

    char next() {
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }

    bool take(char wanted) {
        skip_space();
        if (text_.empty() || text_.front() != wanted) return false;
        text_.remove_prefix(1);
        return true;
    }

    void skip_space() {
        const auto at = text_.find_first_not_of(" \t\r\n");
        text_.remove_prefix(at == text_.npos ? text_.size() : at);
    }

    std::string_view text_;
};

}  // namespace

std::optional<Arguments> parse_arguments(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == text.npos) return Arguments{};
    return Reader(text).object();
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
                } else {
                    out.push_back(c);
                }
        }
    }
    out.push_back('"');
    return out;
}

std::string to_json(const Record& record) {
    std::string out = "{";
    for (const auto& [name, value] : record) {
        if (out.size() > 1) out.push_back(',');
        out += fmt::format("{}:{}", quoted(name), quoted(value));
    }
    return out + "}";
}

std::string to_json(const std::vector<Record>& records) {
    std::string out = "[";
    for (const auto& record : records) {
        if (out.size() > 1) out.push_back(',');
        out += to_json(record);
    }
    return out + "]";
}

}  // namespace wanctl::sim
