#include "shm/inspect/watch_words.hpp"

#include <algorithm>

#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_fields.hpp"

namespace wanctl::inspect {
namespace {

std::span<const FieldInfo> fields_of(const WatchedSegment& segment) {
    if (segment.table) return segment.table->fields();
    return segment.kind == RecordKind::steering ? steering_fields() : cycle_fields();
}

}  // namespace

std::string_view kind_word(const WatchedSegment& segment) {
    return segment.table ? segment.table->kind() : name(segment.kind);
}

std::span<const std::string_view> words_of(const WatchedSegment& segment, std::string_view field) {
    const auto fields = fields_of(segment);
    const auto found = std::ranges::find(fields, field, &FieldInfo::name);
    if (found == fields.end() || found->names == nullptr) return {};
    return found->names->values;
}

std::string_view word_of(const WatchedSegment& segment, std::string_view field,
                         std::uint8_t value) {
    const auto words = words_of(segment, field);
    return value < words.size() ? words[value] : std::string_view("?");
}

std::span<const CounterInfo> counters_of(const WatchedSegment& segment) {
    if (segment.table) return segment.table->counters();
    return segment.kind == RecordKind::steering ? steering_counters() : cycle_counters();
}

}  // namespace wanctl::inspect
