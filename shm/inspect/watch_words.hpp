// What the records of a watched segment call themselves and their states: a newer writer has words
// that this program was not compiled with.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "shm/inspect/watch_model.hpp"

namespace wanctl::inspect {

// "cycle", "steering", or what the segment calls it.
[[nodiscard]] std::string_view kind_word(const WatchedSegment& segment);
// The words of a field: of an enumeration by its number, of bits and named arrays by their index.
// Empty when the records have no such field or it has no words.
[[nodiscard]] std::span<const std::string_view> words_of(const WatchedSegment& segment,
                                                         std::string_view field);
// One of them; "?" without.
[[nodiscard]] std::string_view word_of(const WatchedSegment& segment, std::string_view field,
                                       std::uint8_t value);
[[nodiscard]] std::span<const CounterInfo> counters_of(const WatchedSegment& segment);

}  // namespace wanctl::inspect
