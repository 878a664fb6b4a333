// A RouterOS reply as records: every menu answers with flat objects whose values are all strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.hpp"

namespace wanctl::routeros {

// Owns its text; string_views handed out live as long as it does. A lone object is one record.
// Anything else (numbers, nested values, broken JSON) is refused with what and where.
class Records {
  public:
    [[nodiscard]] static Result<Records> parse(std::string_view body);
    // As parse(), where there must be exactly one; `which` says in the error which it would be.
    [[nodiscard]] static Result<Records> parse_one(std::string_view body, std::string_view which);

    [[nodiscard]] std::size_t size() const { return first_field_.size(); }
    // The value of a key of record `index`; nothing when the record lacks it.
    [[nodiscard]] std::optional<std::string_view> get(std::size_t index,
                                                      std::string_view key) const;

  private:
    struct Slice {
        std::uint32_t begin = 0;
        std::uint32_t length = 0;
    };
    struct Field {
        Slice key;
        Slice value;
    };
    struct Handler;
    friend std::string error_detail(std::string_view body);
    [[nodiscard]] static std::string detail_of(std::string_view body);

    [[nodiscard]] std::string_view view(Slice slice) const {
        return std::string_view(text_).substr(slice.begin, slice.length);
    }

    std::string text_;
    std::vector<Field> fields_;
    std::vector<std::size_t> first_field_;  // of each record
};

// "*" and hexadecimal digits: may stand in a path as it is.
[[nodiscard]] bool is_id(std::string_view text);

// The router's own words in the body of an error reply, fit to be logged; empty when there are
// none.
[[nodiscard]] std::string error_detail(std::string_view body);

// Text from outside, bounded and reduced to printable ASCII, so that it can stand in a log line.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 160);

// A JSON string literal, quotes included.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace wanctl::routeros
