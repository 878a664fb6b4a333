// A recording as JSON lines in, a JSON line out for each: what every `replay` command shares.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/error.hpp"

namespace wanctl::replay {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_key(Writer& writer, std::string_view key);
void write_text(Writer& writer, std::string_view text);

// A member that must be there and be a number.
[[nodiscard]] Result<double> number(const rapidjson::Value& row, const char* key);

// Takes one row, a JSON object, with its index from 0 and writes one JSON object.
using EachRow =
    std::function<Result<void>(std::int64_t i, const rapidjson::Value& row, Writer& writer)>;

// Empty lines are passed over. `shape` is what a row is like, for the message about one that is
// none. The first line that is no JSON object, or that `each` refuses, ends the replay with
// invalid_input, "line N: ...": what came before it has been written. Rows leave in large pieces,
// and at once when the input has no more to give for now. Allocates nothing a row once warm.
[[nodiscard]] Result<void> replay_lines(std::istream& input, std::ostream& output,
                                        std::string_view shape, const EachRow& each);

// The same between a file, or standard input for "-", and standard output. The exit code; what went
// wrong is told on standard error.
[[nodiscard]] int replay_file(const std::string& path, std::string_view shape, const EachRow& each);

}  // namespace wanctl::replay
