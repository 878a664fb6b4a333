#include "common/state/members.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wanctl::state {

void key(Writer& writer, std::string_view name) {
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void put(Writer& writer, std::string_view name, std::int64_t value) {
    key(writer, name);
    writer.Int64(value);
}

void put(Writer& writer, std::string_view name, std::string_view value) {
    key(writer, name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void put(Writer& writer, std::string_view name, const BootId& boot) {
    put(writer, name, std::string_view(fmt::format("{:02x}", fmt::join(boot, ""))));
}

void put_json(Writer& writer, std::string_view name, std::string_view value) {
    key(writer, name);
    writer.RawValue(value.data(), value.size(), rapidjson::kObjectType);
}

std::int64_t Reader::integer(const char* name, std::int64_t min, std::int64_t max) {
    const auto member = object_.FindMember(name);
    if (member == object_.MemberEnd() || !member->value.IsInt64() ||
        member->value.GetInt64() < min || member->value.GetInt64() > max) {
        blame(name);
        return min;
    }
    return member->value.GetInt64();
}

std::string Reader::text(const char* name) {
    const auto member = object_.FindMember(name);
    if (member == object_.MemberEnd() || !member->value.IsString()) {
        blame(name);
        return {};
    }
    return {member->value.GetString(), member->value.GetStringLength()};
}

BootId Reader::boot(const char* name) {
    const std::string digits = text(name);
    BootId boot{};
    if (digits.size() != 2 * boot.size() ||
        digits.find_first_not_of("0123456789abcdef") != digits.npos)
        return boot;
    for (std::size_t i = 0; i < boot.size(); ++i)
        boot[i] = static_cast<std::uint8_t>(std::stoul(digits.substr(2 * i, 2), nullptr, 16));
    return boot;
}

tl::unexpected<Error> unusable(std::string_view name) {
    return fail(ErrorKind::invalid_input,
                fmt::format("its \"{}\" is missing or out of range", name));
}

Result<void> parse_object(rapidjson::Document& document, std::string_view text) {
    document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    if (document.HasParseError() || !document.IsObject())
        return fail(ErrorKind::invalid_input, "it holds no JSON object");
    return {};
}

}  // namespace wanctl::state
