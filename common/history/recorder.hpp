// What the store's thread does each turn: takes the rows that have come, puts them and the events
// into the file in one transaction, lets the file age, and gets over whatever is wrong with it.
//
// A trouble with the file never loses what was committed and never reaches the daemon: rows wait
// here (kMostWaiting) and then in the feed; what the feed has to overwrite is counted as lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/clock.hpp"
#include "common/history/batch.hpp"
#include "common/history/store_file.hpp"
#include "common/log/state_log.hpp"

namespace wanctl::history {

// The numbers are part of the shared-memory ABI (counter history_state): append only.
enum class StoreState : std::uint8_t {
    off = 0,
    recording = 1,
    opening = 2,  // not opened yet
    locked = 3,   // somebody else holds the file
    failing = 4,  // no space, no permission, an I/O error
    refused = 5,  // a newer version's, another line's or another program's file
};
[[nodiscard]] std::string_view name(StoreState state);

struct StoreFigures {
    StoreState state = StoreState::opening;
    std::uint64_t rows = 0;            // stored since start
    std::uint64_t lost = 0;            // overwritten before they could be stored
    std::uint64_t events_dropped = 0;  // because too many waited
    std::uint64_t failures = 0;        // batches that could not be stored at once
    std::uint64_t waiting = 0;         // rows taken and not stored yet
    std::uint64_t bytes = 0;           // of the file and its -wal
    std::uint64_t commit_us = 0;       // the last batch took so long
    std::uint64_t worst_commit_us = 0;
};

struct RecorderOptions {
    FileOptions file;
    Nanos batch{std::chrono::seconds(1)};  // between two turns
};

class Recorder {
  public:
    static constexpr std::size_t kMostWaiting = 4'096;
    static constexpr std::size_t kMostEvents = 256;
    // Slices of maintenance in one turn, at most.
    static constexpr int kSlicesATurn = 16;

    Recorder(const RecorderOptions& options, Feed& feed, const Clock& clock, Log& log);

    // `events` are taken over. `stopping` tells, while the turn lasts, that it should end soon.
    void turn(std::vector<Event> events, const std::atomic<bool>& stopping);
    // The last turns: everything the feed still has, within `patience`. The file is closed then.
    void finish(std::vector<Event> events, Nanos patience);

    void count_dropped_events(std::uint64_t dropped) { figures_.events_dropped += dropped; }
    [[nodiscard]] const StoreFigures& figures() const { return figures_; }

  private:
    void take(std::vector<Event> events);
    bool ready();
    bool open();
    bool store();
    bool catch_up(const std::atomic<bool>& stopping);
    bool maintain(const std::atomic<bool>& stopping);
    bool check(const std::atomic<bool>& stopping);
    void trouble(const Error& error);
    void set_aside_damaged(const Error& error);
    void note(std::string kind, std::string detail);
    void tell_lost(bool now);
    [[nodiscard]] std::int64_t now_ms() const;
    [[nodiscard]] bool clock_in_doubt();

    RecorderOptions options_;
    Feed& feed_;
    const Clock& clock_;
    Log& log_;
    StateLog trouble_;
    std::optional<StoreFile> file_;
    Batch waiting_;
    StoreFigures figures_;
    bool feed_empty_ = true;
    bool was_open_ = false;
    std::optional<SteadyTime> next_try_;
    std::optional<SteadyTime> set_aside_at_;
    std::optional<Nanos> wall_ahead_;  // of the steady clock, at the start
    std::uint64_t told_lost_ = 0;
    std::optional<SteadyTime> told_lost_at_;
};

}  // namespace wanctl::history
