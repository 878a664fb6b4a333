#include "common/history/happenings.hpp"

#include "common/history/sqlite.hpp"

namespace wanctl::history {

namespace {

template <typename Visit>
Result<std::int64_t> each_row(HistoryFile& file, const Span& span, const char* sql, Visit visit) {
    if (auto fresh = file.refresh(); !fresh) return tl::unexpected(fresh.error());
    auto rows = Statement::prepare(file.database(), sql);
    if (!rows) return file.refuse(rows.error());
    rows->bind(1, span.from_ms);
    rows->bind(2, span.to_ms);
    for (std::int64_t count = 0;; ++count) {
        const auto more = rows->step();
        if (!more) return file.refuse(more.error());
        if (!*more) return count;
        visit(*rows);
    }
}

}  // namespace

Result<std::int64_t> each_transition(HistoryFile& file, const Span& span,
                                     const std::function<void(const StoredTransition&)>& visit) {
    return each_row(file, span,
                    "SELECT at_ms, direction, zone_from, zone_to, delta_us, threshold_us, reason "
                    "FROM transitions WHERE at_ms >= ?1 AND at_ms < ?2 "
                    "ORDER BY at_ms, slot, direction",
                    [&](const Statement& row) {
                        visit({row.integer(0), row.integer(1), row.integer(2), row.integer(3),
                               row.maybe(4), row.maybe(5), row.text(6)});
                    });
}

Result<std::int64_t> each_event(HistoryFile& file, const Span& span,
                                const std::function<void(const StoredEvent&)>& visit) {
    return each_row(file, span,
                    "SELECT at_ms, kind, detail FROM events WHERE at_ms >= ?1 AND at_ms < ?2 "
                    "ORDER BY at_ms, n",
                    [&](const Statement& row) {
                        visit({row.integer(0), row.text(1), row.text(2)});
                    });
}

}  // namespace wanctl::history
