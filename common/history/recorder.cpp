#include "common/history/recorder.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "common/history/event_text.hpp"

namespace wanctl::history {

namespace {

constexpr Nanos kTellLostEvery = std::chrono::minutes(1);
// A file that is refused stays so until somebody does something about it.
constexpr Nanos kRefusedAgain = std::chrono::minutes(1);
// A disk that damages one file after the other must not be filled with them.
constexpr Nanos kSetAsideAgain = std::chrono::minutes(10);
constexpr Nanos kLongestTableCheck = std::chrono::seconds(1);
// A wall clock that has gone further ahead than that is not believed when it comes to deleting.
constexpr Nanos kBelievedJump = std::chrono::hours(24);
constexpr Nanos kBetweenLastTries = std::chrono::milliseconds(100);

constexpr std::array<std::string_view, 6> kStates{"off",    "recording", "opening",
                                                  "locked", "failing",   "refused"};

std::string stamp_of(std::int64_t ms) {
    const time_t seconds = ms / 1000;
    struct tm parts {};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

StoreState state_of(const Error& error) {
    if (error.kind == ErrorKind::busy) return StoreState::locked;
    const bool refused = error.kind == ErrorKind::unsupported ||
                         (error.kind == ErrorKind::invalid_input && !is_damage(error));
    return refused ? StoreState::refused : StoreState::failing;
}

std::uint64_t micros(Nanos duration) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

}  // namespace

std::string_view name(StoreState state) {
    const auto index = static_cast<std::size_t>(state);
    return index < kStates.size() ? kStates[index] : std::string_view("invalid");
}

Recorder::Recorder(const RecorderOptions& options, Feed& feed, const Clock& clock, Log& log)
    : options_(options), feed_(feed), clock_(clock), log_(log), trouble_(log, LogLevel::error) {}

void Recorder::turn(std::vector<Event> events, const std::atomic<bool>& stopping) {
    take(std::move(events));
    if (ready() && store() && catch_up(stopping) && maintain(stopping) && check(stopping)) {
        figures_.state = StoreState::recording;
        trouble_.ended(clock_.steady(), "history: recording again");
    }
    tell_lost(false);
    figures_.waiting = waiting_.rows.size();
    figures_.bytes = file_ ? static_cast<std::uint64_t>(file_->bytes()) : 0;
}

void Recorder::finish(std::vector<Event> events, Nanos patience) {
    const SteadyTime end = clock_.steady() + patience;
    next_try_.reset();
    do {
        take(std::exchange(events, {}));
        if (ready() && store() && feed_empty_) break;
        if (figures_.state == StoreState::refused) break;
        if (!waiting_.empty()) std::this_thread::sleep_for(kBetweenLastTries);
    } while (clock_.steady() < end);
    if (!waiting_.rows.empty()) {
        log_.warning("history: the last slots could not be stored",
                     {{"slots", waiting_.rows.size()}});
    }
    tell_lost(true);
    file_.reset();
}

void Recorder::take(std::vector<Event> events) {
    std::move(events.begin(), events.end(), std::back_inserter(waiting_.events));
    if (waiting_.rows.size() < kMostWaiting) {
        const Feed::Taken taken = feed_.take(waiting_, kMostWaiting - waiting_.rows.size());
        figures_.lost += taken.lost;
        feed_empty_ = taken.all;
    }
    if (waiting_.events.size() > kMostEvents) {
        figures_.events_dropped += waiting_.events.size() - kMostEvents;
        waiting_.events.resize(kMostEvents);
    }
}

bool Recorder::ready() {
    if (file_ && !file_->in_place()) {
        log_.error(
            "history: the file was deleted or replaced; what it held is gone, a new one is "
            "begun",
            {{"path", options_.file.path}});
        file_.reset();
        note("history_deleted", json_object({{"path", options_.file.path}}));
    }
    return file_ || open();
}

bool Recorder::open() {
    const SteadyTime now = clock_.steady();
    if (next_try_ && now < *next_try_) return false;
    auto opened = StoreFile::open(options_.file);
    if (!opened) {
        trouble(opened.error());
        return false;
    }
    file_.emplace(std::move(*opened));
    if (!std::exchange(was_open_, true)) {
        log_.info(file_->is_new() ? "history: a new file is begun" : "history: recording",
                  {{"path", options_.file.path}});
    }
    return true;
}

bool Recorder::store() {
    const SteadyTime begin = clock_.steady();
    const auto stored = file_->commit(waiting_);
    if (!stored) {
        ++figures_.failures;
        trouble(stored.error());
        return false;
    }
    if (!waiting_.empty()) {
        figures_.commit_us = micros(clock_.steady() - begin);
        figures_.worst_commit_us = std::max(figures_.worst_commit_us, figures_.commit_us);
    }
    figures_.rows += waiting_.rows.size();
    waiting_.clear();
    return true;
}

// After a trouble the ring overwrites what is left there for the next turn.
bool Recorder::catch_up(const std::atomic<bool>& stopping) {
    while (!feed_empty_ && !stopping.load(std::memory_order_relaxed)) {
        take({});
        if (!store()) return false;
    }
    return true;
}

bool Recorder::maintain(const std::atomic<bool>& stopping) {
    const Rollup::Moment moment{now_ms(), !clock_in_doubt()};
    for (int i = 0; i < kSlicesATurn && !stopping.load(std::memory_order_relaxed); ++i) {
        const auto more = file_->maintain(moment);
        if (!more) {
            trouble(more.error());
            return false;
        }
        if (!*more) break;
    }
    return true;
}

bool Recorder::check(const std::atomic<bool>& stopping) {
    const SteadyTime end = clock_.steady() + kLongestTableCheck;
    const auto more = file_->check_next([this, &stopping, end] {
        return stopping.load(std::memory_order_relaxed) || clock_.steady() > end;
    });
    if (!more) trouble(more.error());
    return more.has_value();
}

// The file is opened again after any failure but a lock: what a read-only or full file system has
// left of a connection is not to be relied on.
void Recorder::trouble(const Error& error) {
    if (is_damage(error)) {
        file_.reset();
        if (may_be_ours(options_.file.path)) return set_aside_damaged(error);
        return trouble({ErrorKind::unsupported,
                        "the file is no history, and is left as it is; name another path"});
    }
    figures_.state = state_of(error);
    if (figures_.state == StoreState::refused) next_try_ = clock_.steady() + kRefusedAgain;
    if (figures_.state != StoreState::locked) file_.reset();
    trouble_.occurred(clock_.steady(), fmt::format("history: not recording: {}", error.message),
                      {{"path", options_.file.path}});
}

void Recorder::set_aside_damaged(const Error& error) {
    const SteadyTime now = clock_.steady();
    figures_.state = StoreState::failing;
    if (set_aside_at_ && now - *set_aside_at_ < kSetAsideAgain) {
        next_try_ = *set_aside_at_ + kSetAsideAgain;
        trouble_.occurred(now,
                          "history: not recording: the file is damaged again; look at the disk",
                          {{"path", options_.file.path}});
        return;
    }
    const auto kept = set_aside(options_.file.path, stamp_of(now_ms()));
    if (!kept) {
        trouble_.occurred(
            now,
            fmt::format("history: not recording: the file is damaged and {}", kept.error().message),
            {{"path", options_.file.path}});
        return;
    }
    set_aside_at_ = now;
    log_.error("history: the file is damaged; it is set aside and a new one is begun",
               {{"why", error.message}, {"kept_as", *kept}});
    note("history_damaged", json_object({{"why", error.message}, {"kept_as", *kept}}));
}

void Recorder::note(std::string kind, std::string detail) {
    waiting_.events.push_back({now_ms(), std::move(kind), std::move(detail)});
}

void Recorder::tell_lost(bool now) {
    const std::uint64_t lost = figures_.lost - told_lost_;
    const SteadyTime at = clock_.steady();
    if (lost == 0 || (!now && told_lost_at_ && at - *told_lost_at_ < kTellLostEvery)) return;
    told_lost_ = figures_.lost;
    told_lost_at_ = at;
    log_.warning("history: slots were overwritten in the ring before they could be stored",
                 {{"slots", lost}});
    note("history_lost", json_object({{"slots", fmt::format("{}", lost)}}));
}

std::int64_t Recorder::now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch())
        .count();
}

bool Recorder::clock_in_doubt() {
    const Nanos ahead = clock_.wall().time_since_epoch() - clock_.steady().time_since_epoch();
    if (!wall_ahead_) wall_ahead_ = ahead;
    return ahead - *wall_ahead_ > kBelievedJump;
}

}  // namespace wanctl::history
