// Rows of a field table whose type, offset and count come from the struct itself: a record, its
// slow facts, the segment's header.
#pragma once

#include <cstddef>

#include "common/record/fields.hpp"

namespace wanctl {

// The row of a member of `Part`, a struct that stands at `base` in the record; `rest` holds unit,
// help and what follows.
template <typename Part, typename Member>
consteval FieldInfo field_part(std::string_view name, std::size_t base, std::size_t offset,
                               FieldInfo rest) {
    rest.name = name;
    rest.type = field_type<Member>();
    rest.offset = static_cast<std::uint32_t>(base + offset);
    rest.count = field_count<Member>();
    rest.width = text_width<Member>();
    return rest;
}

}  // namespace wanctl

// Only offsetof needs the member's name as text, so this cannot be a function.
#define WANCTL_PART(prefix, name, Part, base, member, ...) \
    ::wanctl::field_part<Part, decltype(Part::member)>(    \
        prefix name, base, offsetof(Part, member),         \
        ::wanctl::FieldInfo{{}, ::wanctl::FieldType::u8, 0, 1, __VA_ARGS__})
