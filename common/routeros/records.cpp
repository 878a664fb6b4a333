#include "common/routeros/records.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace wanctl::routeros {

// Flattens the events of the JSON reader. Returning false stops the parse; `fault` then says why,
// and because a nested value stops it at once, hostile nesting cannot grow the stack.
struct Records::Handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Records::Handler> {
    Records& out;
    bool numbers_allowed = false;
    bool in_array = false;
    bool in_object = false;
    std::string fault;
    Slice key;

    explicit Handler(Records& records) : out(records) {}

    Slice keep(const char* text, rapidjson::SizeType length) {
        const Slice slice{static_cast<std::uint32_t>(out.text_.size()), length};
        out.text_.append(text, length);
        return slice;
    }
    bool refuse(std::string_view what) {
        fault = in_object && key.length > 0
                    ? fmt::format("the value of \"{}\" is {}", printable(out.view(key), 40), what)
                    : fmt::format("{} where a record was expected", what);
        return false;
    }
    bool add(const char* text, rapidjson::SizeType length) {
        out.fields_.push_back({key, keep(text, length)});
        return true;
    }

    bool Default() { return refuse("no string"); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
        return numbers_allowed && in_object ? add(text, length) : refuse("a number, not a string");
    }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        return in_object ? add(text, length) : refuse("a string");
    }
    bool StartObject() {
        if (in_object) return refuse("an object, not a string");
        in_object = true;
        key = {};
        out.first_field_.push_back(out.fields_.size());
        return true;
    }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        key = keep(text, length);
        return true;
    }
    bool EndObject(rapidjson::SizeType) {
        in_object = false;
        return true;
    }
    bool StartArray() {
        if (in_object) return refuse("an array, not a string");
        if (in_array) return refuse("an array");
        in_array = true;
        return true;
    }
    bool EndArray(rapidjson::SizeType) { return true; }

    static Result<Records> read(std::string_view body, bool with_numbers) {
        // Old firmware puts raw control characters into strings. As spaces they are harmless both
        // inside strings (comments only) and between tokens.
        std::string clean(body);
        std::replace_if(
            clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; },
            ' ');
        Records records;
        records.text_.reserve(clean.size());
        Handler handler(records);
        handler.numbers_allowed = with_numbers;
        rapidjson::MemoryStream stream(clean.data(), clean.size());
        rapidjson::Reader reader;
        const auto done = reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, handler);
        if (!done.IsError()) return records;
        if (!handler.fault.empty()) return fail(ErrorKind::invalid_input, std::move(handler.fault));
        return fail(ErrorKind::invalid_input,
                    fmt::format("not JSON at byte {} of {}: {}", done.Offset(), body.size(),
                                rapidjson::GetParseError_En(done.Code())));
    }
};

Result<Records> Records::parse(std::string_view body) {
    return Handler::read(body, false);
}

Result<Records> Records::parse_one(std::string_view body, std::string_view which) {
    auto records = parse(body);
    if (!records || records->size() == 1) return records;
    return fail(ErrorKind::invalid_input,
                fmt::format("{} records instead of the one {}", records->size(), which));
}

std::optional<std::string_view> Records::get(std::size_t index, std::string_view key) const {
    const std::size_t end = index + 1 < size() ? first_field_[index + 1] : fields_.size();
    for (std::size_t i = first_field_[index]; i < end; ++i)
        if (view(fields_[i].key) == key) return view(fields_[i].value);
    return std::nullopt;
}

std::string Records::detail_of(std::string_view body) {
    const auto records = Handler::read(body, true);
    if (!records || records->size() != 1) return {};
    return printable(records->get(0, "detail").value_or(std::string_view()));
}

std::string error_detail(std::string_view body) {
    return Records::detail_of(body);
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : text.substr(0, limit)) out += c >= 0x20 && c < 0x7f ? c : '?';
    if (text.size() > limit) out += "...";
    return out;
}

bool is_id(std::string_view text) {
    return text.size() > 1 && text.front() == '*' &&
           text.find_first_not_of("0123456789ABCDEFabcdef", 1) == std::string_view::npos;
}

std::string json_quoted(std::string_view text) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace wanctl::routeros
