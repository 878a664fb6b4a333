// Moves rows from tier to tier as they age, and deletes the oldest, in slices: each is one
// transaction of a few thousand rows at most. A row is merged into what its bucket already holds,
// so it does not matter when it comes: a late one, of a clock that was set back, is simply added.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "common/history/layout.hpp"
#include "common/history/sqlite.hpp"

namespace wanctl::history {

// How old a row becomes in each tier; each tier's time begins where the one before it ends, the
// minutes' with the raw rows'.
struct Retention {
    std::chrono::milliseconds raw{std::chrono::hours(1)};
    std::chrono::milliseconds minute{std::chrono::hours(24 * 7)};
    std::chrono::milliseconds five_minute{std::chrono::hours(24 * 7)};
    std::chrono::milliseconds hour{std::chrono::hours(24 * 365)};
};

inline constexpr int kMostRowsASlice = 2'000;
// Of the changes of zone and of the events the newest are kept, at most for as long as hours.
inline constexpr int kMostTransitions = 100'000;
inline constexpr int kMostEvents = 20'000;

class Rollup {
  public:
    // The connection outlives it.
    [[nodiscard]] static Result<Rollup> prepare(sqlite3* database, const Layout& layout,
                                                const Retention& retention);

    struct Moment {
        std::int64_t now_ms = 0;
        bool expire = true;  // false: the clock is in doubt, nothing is deleted for its age
    };
    // One slice; false when there is nothing to do.
    [[nodiscard]] Result<bool> slice(const Moment& moment);

  private:
    struct Move {
        std::int64_t age_ms = 0;  // rows whose bucket ended so long ago are moved on
        Statement oldest;
        Statement select;
        Statement remove;
        Statement merge_with;
        Statement store;
    };

    Rollup(sqlite3* database, const Layout& layout) : database_(database), layout_(&layout) {}
    [[nodiscard]] Result<Move> prepare_move(std::size_t to_tier, std::int64_t age_ms);
    [[nodiscard]] Result<bool> move(std::size_t to_tier, std::int64_t now_ms);
    [[nodiscard]] Result<void> move_bucket(std::size_t to_tier, std::int64_t bucket_ms);
    [[nodiscard]] Result<bool> expire(std::int64_t now_ms);
    [[nodiscard]] Result<bool> vacuum();
    [[nodiscard]] Result<int> changes(const std::string& sql);

    sqlite3* database_;
    const Layout* layout_;
    std::array<Move, kTiers.size()> moves_;
    std::int64_t last_age_ms_ = 0;  // what is older is deleted
    std::int64_t expired_to_ms_ = 0;
};

}  // namespace wanctl::history
