// What goes to the file at once, and where it comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/history/layout.hpp"

namespace wanctl::history {

struct Transition {
    std::int64_t at_ms = 0;
    std::int64_t slot = 0;
    std::int64_t direction = 0;
    std::int64_t zone_from = 0;
    std::int64_t zone_to = 0;
    std::optional<std::int64_t> delta_us;
    std::optional<std::int64_t> threshold_us;
    std::string reason;
};

struct Event {
    std::int64_t at_ms = 0;
    std::string kind;
    std::string detail;  // JSON; empty: none
    // Tells events of one millisecond apart: of a record its slot, else 0, and the file numbers it.
    std::int64_t n = 0;
};

struct Batch {
    std::vector<Row> rows;
    std::vector<Transition> transitions;
    std::vector<Event> events;

    [[nodiscard]] bool empty() const {
        return rows.empty() && transitions.empty() && events.empty();
    }
    void clear() {
        rows.clear();
        transitions.clear();
        events.clear();
    }
};

// The records of a daemon as rows. Used by one thread, the store's.
class Feed {
  public:
    virtual ~Feed() = default;

    struct Taken {
        bool all = true;         // there is no more now
        std::uint64_t lost = 0;  // records that were overwritten before they could be read
    };
    // Adds up to `most` rows, oldest first, with what their records tell besides. Never waits.
    virtual Taken take(Batch& to, std::size_t most) = 0;
};

}  // namespace wanctl::history
