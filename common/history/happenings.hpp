// The transitions and events of a span.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/history/history_file.hpp"
#include "common/history/when.hpp"

namespace wanctl::history {

struct StoredTransition {
    std::int64_t at_ms = 0;
    std::int64_t direction = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::optional<std::int64_t> delta_us;
    std::optional<std::int64_t> threshold_us;
    std::string reason;
};

struct StoredEvent {
    std::int64_t at_ms = 0;
    std::string kind;
    std::string detail;  // JSON; empty: none
};

// Each in order of time, in one read transaction; how many there were.
[[nodiscard]] Result<std::int64_t> each_transition(
    HistoryFile& file, const Span& span, const std::function<void(const StoredTransition&)>& visit);
[[nodiscard]] Result<std::int64_t> each_event(HistoryFile& file, const Span& span,
                                              const std::function<void(const StoredEvent&)>& visit);

}  // namespace wanctl::history
