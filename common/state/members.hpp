// The members of a state file's JSON object: written and read with their ranges. For .cpp files: it
// brings RapidJSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/error.hpp"
#include "common/state/boot.hpp"

namespace wanctl::state {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void key(Writer& writer, std::string_view name);
void put(Writer& writer, std::string_view name, std::int64_t value);
void put(Writer& writer, std::string_view name, std::string_view value);
void put(Writer& writer, std::string_view name, const BootId& boot);
// A whole value that is JSON already.
void put_json(Writer& writer, std::string_view name, std::string_view value);

// Reads members, keeping the name of the first one that does not fit.
class Reader {
  public:
    explicit Reader(const rapidjson::Value& object) : object_(object) {}

    // The least possible value when it is missing, none, or out of range.
    [[nodiscard]] std::int64_t integer(const char* name, std::int64_t min, std::int64_t max);
    [[nodiscard]] std::string text(const char* name);
    // All zero when it is none.
    [[nodiscard]] BootId boot(const char* name);

    void blame(std::string_view name) {
        if (fault_.empty()) fault_ = name;
    }
    [[nodiscard]] const std::string& fault() const { return fault_; }

  private:
    const rapidjson::Value& object_;
    std::string fault_;
};

// For a member of that name, however deep.
[[nodiscard]] tl::unexpected<Error> unusable(std::string_view name);

// Error invalid_input unless the text is one JSON object.
[[nodiscard]] Result<void> parse_object(rapidjson::Document& document, std::string_view text);

}  // namespace wanctl::state
