// All of it or nothing.
#pragma once

#include "common/history/sqlite.hpp"

namespace wanctl::history {

// The error code of a file whose content is not what this program wrote, though SQLite can read it;
// SQLITE_CORRUPT's own.
inline constexpr int kDamaged = 11;

// `work` returns a Result<void>.
template <typename Work>
[[nodiscard]] Result<void> in_transaction(sqlite3* database, Work work) {
    auto done = run(database, "BEGIN IMMEDIATE");
    if (!done) return done;
    done = work().and_then([database] { return run(database, "COMMIT"); });
    // Some failures have ended it already.
    if (!done) (void)run(database, "ROLLBACK");
    return done;
}

}  // namespace wanctl::history
