#include "common/history/rollup.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "common/history/aggregate.hpp"
#include "common/history/transaction.hpp"

namespace wanctl::history {

namespace {

// So many free pages, and a quarter of the file, are given back.
constexpr std::int64_t kFreePages = 256;
constexpr int kPagesASlice = 64;
// How often what is too old is looked for.
constexpr std::int64_t kExpireEveryMs = 3'600'000;

std::int64_t bucket_of(std::int64_t at_ms, std::int64_t size) {
    const std::int64_t rest = at_ms % size;
    return at_ms - (rest < 0 ? rest + size : rest);
}

// The table that a tier's rows come from.
std::string_view source_of(std::size_t to_tier) {
    return to_tier == 0 ? std::string_view("cycles") : kTiers[to_tier - 1].table;
}

}  // namespace

Result<Rollup> Rollup::prepare(sqlite3* database, const Layout& layout,
                               const Retention& retention) {
    Rollup rollup(database, layout);
    const std::array<std::int64_t, kTiers.size()> ages{
        retention.raw.count(), retention.minute.count(),
        (retention.minute + retention.five_minute).count()};
    for (std::size_t tier = 0; tier < kTiers.size(); ++tier) {
        auto move = rollup.prepare_move(tier, ages[tier]);
        if (!move) return tl::unexpected(move.error());
        rollup.moves_[tier] = std::move(*move);
    }
    rollup.last_age_ms_ = (retention.minute + retention.five_minute + retention.hour).count();
    return rollup;
}

Result<Rollup::Move> Rollup::prepare_move(std::size_t to_tier, std::int64_t age_ms) {
    const std::string_view from = source_of(to_tier);
    const Tier& to = kTiers[to_tier];
    const std::string columns = tier_columns(*layout_);
    const std::string from_columns = to_tier == 0 ? cycle_columns(*layout_) : columns;
    const std::string order = to_tier == 0 ? "at_ms, slot" : "at_ms";
    std::string places = "?1";
    for (auto i = std::count(columns.begin(), columns.end(), ','); i > 0; --i) places += ", ?";

    Move move;
    move.age_ms = age_ms;
    const struct {
        Statement& statement;
        std::string sql;
    } wanted[] = {
        {move.oldest, fmt::format("SELECT min(at_ms) FROM {}", from)},
        {move.select, fmt::format("SELECT {} FROM {} WHERE at_ms >= ?1 AND at_ms < ?2 ORDER BY {} "
                                  "LIMIT {}",
                                  from_columns, from, order, kMostRowsASlice)},
        {move.remove, to_tier == 0
                          ? std::string("DELETE FROM cycles WHERE at_ms >= ?1 AND at_ms <= ?2 AND "
                                        "(at_ms, slot) <= (?2, ?3)")
                          : fmt::format("DELETE FROM {} WHERE at_ms >= ?1 AND at_ms <= ?2", from)},
        {move.merge_with, fmt::format("SELECT {} FROM {} WHERE at_ms = ?1", columns, to.table)},
        {move.store,
         fmt::format("INSERT OR REPLACE INTO {}({}) VALUES({})", to.table, columns, places)},
    };
    for (const auto& each : wanted) {
        auto prepared = Statement::prepare(database_, each.sql);
        if (!prepared) return tl::unexpected(prepared.error());
        each.statement = std::move(*prepared);
    }
    return move;
}

Result<bool> Rollup::slice(const Moment& moment) {
    for (std::size_t tier = kTiers.size(); tier-- > 0;) {
        auto moved = move(tier, moment.now_ms);
        if (!moved || *moved) return moved;
    }
    if (moment.expire && moment.now_ms - expired_to_ms_ >= kExpireEveryMs) {
        auto expired = expire(moment.now_ms);
        if (!expired || *expired) return expired;
        expired_to_ms_ = moment.now_ms;
    }
    return vacuum();
}

Result<bool> Rollup::move(std::size_t to_tier, std::int64_t now_ms) {
    Move& move = moves_[to_tier];
    const auto row = move.oldest.step();
    if (!row) return tl::unexpected(row.error());
    const auto oldest = move.oldest.maybe(0);
    move.oldest.reset();
    if (!oldest) return false;
    const std::int64_t size = kTiers[to_tier].bucket_ms;
    const std::int64_t bucket = bucket_of(*oldest, size);
    if (bucket + size > now_ms - move.age_ms) return false;
    auto done = in_transaction(database_, [&] { return move_bucket(to_tier, bucket); });
    if (done) return true;
    for (Statement* each : {&move.select, &move.remove, &move.merge_with, &move.store})
        each->reset();
    return tl::unexpected(done.error());
}

Result<void> Rollup::move_bucket(std::size_t to_tier, std::int64_t bucket_ms) {
    const auto damaged = [] {
        return fail(ErrorKind::invalid_input, "a histogram in the file is damaged", kDamaged);
    };
    Move& move = moves_[to_tier];
    Aggregate sum;
    std::int64_t at_ms = 0;
    std::int64_t slot = 0;
    move.select.bind(1, bucket_ms);
    move.select.bind(2, bucket_ms + kTiers[to_tier].bucket_ms);
    for (;;) {
        const auto row = move.select.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) break;
        if (to_tier == 0) {
            const Row one = read_row(move.select, *layout_);
            sum.add(one, *layout_);
            at_ms = one.at_ms;
            slot = one.slot;
        } else {
            Aggregate part;
            if (!read_bucket(move.select, *layout_, at_ms, part)) return damaged();
            sum.add(part, *layout_);
        }
    }
    move.select.reset();

    move.merge_with.bind(1, bucket_ms);
    const auto there = move.merge_with.step();
    if (!there) return tl::unexpected(there.error());
    if (*there) {
        Aggregate before;
        std::int64_t same = 0;
        if (!read_bucket(move.merge_with, *layout_, same, before)) return damaged();
        sum.add(before, *layout_);
    }
    move.merge_with.reset();

    std::array<std::string, kMaxQuantities> stored;
    bind_bucket(move.store, bucket_ms, sum, *layout_, stored);
    if (const auto done = move.store.execute(); !done) return tl::unexpected(done.error());
    move.remove.bind(1, bucket_ms);
    move.remove.bind(2, at_ms);
    if (to_tier == 0) move.remove.bind(3, slot);
    if (const auto done = move.remove.execute(); !done) return tl::unexpected(done.error());
    return {};
}

Result<int> Rollup::changes(const std::string& sql) {
    auto statement = Statement::prepare(database_, sql);
    if (!statement) return tl::unexpected(statement.error());
    return statement->execute();
}

Result<bool> Rollup::expire(std::int64_t now_ms) {
    const std::int64_t before = now_ms - last_age_ms_;
    const auto remove = [](std::string_view table, std::string_view key,
                           const std::string& condition) {
        return fmt::format(
            "DELETE FROM {0} WHERE ({1}) IN (SELECT {1} FROM {0} WHERE {2} ORDER BY at_ms LIMIT "
            "{3})",
            table, key, condition, kMostRowsASlice / 4);
    };
    const auto too_old = [&](std::int64_t size) {
        return fmt::format("at_ms <= {}", before - size);
    };
    const auto too_many = [](std::string_view table, int most) {
        return fmt::format("at_ms <= (SELECT at_ms FROM {} ORDER BY at_ms DESC LIMIT 1 OFFSET {})",
                           table, most);
    };
    constexpr std::string_view kTransitionKey = "at_ms, slot, direction";
    constexpr std::string_view kEventKey = "at_ms, n";
    bool more = false;
    for (const std::string& sql :
         {remove("hours", "at_ms", too_old(kTiers.back().bucket_ms)),
          remove("transitions", kTransitionKey, too_old(0)),
          remove("transitions", kTransitionKey, too_many("transitions", kMostTransitions)),
          remove("events", kEventKey, too_old(0)),
          remove("events", kEventKey, too_many("events", kMostEvents))}) {
        const auto removed = changes(sql);
        if (!removed) return tl::unexpected(removed.error());
        more = more || *removed > 0;
    }
    return more;
}

Result<bool> Rollup::vacuum() {
    const auto free = number(database_, "PRAGMA freelist_count");
    if (!free) return tl::unexpected(free.error());
    if (*free < kFreePages) return false;
    const auto all = number(database_, "PRAGMA page_count");
    if (!all) return tl::unexpected(all.error());
    if (*free < *all / 4) return false;
    return run(database_, fmt::format("PRAGMA incremental_vacuum({})", kPagesASlice)).map([] {
        return true;
    });
}

}  // namespace wanctl::history
