#include "steering/sources/line_source.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/record/cycle_checks.hpp"
#include "common/record/cycle_fields.hpp"

namespace wanctl::steering {

namespace {

constexpr Nanos kTryAgain = std::chrono::milliseconds(250);

SourceState state_of(shm::AttachStatus status) {
    switch (status) {
        case shm::AttachStatus::absent:
            return SourceState::absent;
        case shm::AttachStatus::not_ready:
            return SourceState::waiting;
        case shm::AttachStatus::other_major:
        case shm::AttachStatus::hash_mismatch:
        case shm::AttachStatus::wrong_geometry:
            return SourceState::other_version;
        case shm::AttachStatus::retired:
        case shm::AttachStatus::dead:
            return SourceState::dead;
        default:
            return SourceState::refused;
    }
}

}  // namespace

LineSource::LineSource(std::string name, std::vector<uid_t> owners,
                       std::function<void()> before_leaving)
    : name_(std::move(name)),
      owners_(std::move(owners)),
      before_leaving_(std::move(before_leaving)),
      abi_(cycle_abi()) {}

bool LineSource::look(SteadyTime now) {
    const SourceState before = state_;
    bool other_ring = false;
    const shm::Reattach reason = reader_ ? reader_->reattach_reason(now) : shm::Reattach::stale;
    // A successor is there as soon as its predecessor is marked; the rest is tried now and then.
    const bool successor = reason == shm::Reattach::retired || reason == shm::Reattach::replaced;
    if ((reason != shm::Reattach::no || damaged_) && (successor || now >= next_try_)) {
        next_try_ = now + kTryAgain;
        other_ring = try_attach(now);
    }
    if (reader_) judge(now);
    return other_ring || state_ != before;
}

bool LineSource::try_attach(SteadyTime now) {
    shm::AttachOptions options;
    options.owners = owners_;
    options.now = now;
    auto found = Reader::attach(name_, abi_, options);
    if (!found) {
        // What is attached stays, corpse or not, until something better comes.
        if (!reader_) {
            state_ = state_of(found.error().status);
            text_ = found.error().text;
        } else if (state_of(found.error().status) == SourceState::other_version) {
            leave();
            state_ = SourceState::other_version;
            text_ = found.error().text;
            return true;
        }
        return false;
    }
    // Its moments are those of another clock.
    if (!found->this_boot()) {
        if (!reader_) {
            state_ = SourceState::dead;
            text_ = fmt::format("the ring of {} is from another boot of this machine", name_);
        }
        return false;
    }
    if (reader_ && found->same_instance(*reader_) && !damaged_) return false;
    const bool first = !cursor_ && counts_.seen == 0;
    leave();
    reader_.emplace(std::move(*found));
    cursor_ = first ? reader_->last(1) : reader_->from_oldest();
    damaged_ = false;
    if (!first) {
        ++counts_.restarts;
        readings_.restart();
    }
    return true;
}

void LineSource::leave() {
    if (reader_ && before_leaving_) before_leaving_();
    cursor_.reset();
    reader_.reset();
}

void LineSource::judge(SteadyTime now) {
    const shm::Liveness liveness = reader_->liveness(now);
    switch (liveness) {
        case shm::Liveness::live:
            state_ = reader_->head() == 0 ? SourceState::waiting : SourceState::live;
            text_.clear();
            return;
        case shm::Liveness::hung:
            state_ = SourceState::hung;
            break;
        case shm::Liveness::stopped:
        case shm::Liveness::retired:
            state_ = SourceState::stopped;
            break;
        case shm::Liveness::dead:
            state_ = SourceState::dead;
            break;
    }
    text_ = fmt::format("the writer of {} (pid {}) is {}", name_, reader_->facts().writer_pid,
                        shm::name(liveness));
}

std::optional<LineReading> LineSource::next(SteadyTime now) {
    CycleRecord record;
    while (cursor_) {
        const shm::CursorStep step = cursor_->next(record);
        damaged_ = damaged_ || step.status == shm::CursorStatus::restarted;
        if (step.status != shm::CursorStatus::record) return std::nullopt;
        counts_.seen += 1 + step.lost;
        counts_.missed += step.lost;
        if (!first_fault(record, now).empty()) {
            ++counts_.bad;
            continue;
        }
        newest_ = record;
        return readings_.take(record);
    }
    return std::nullopt;
}

std::optional<shm::Doorbell> LineSource::bell() const {
    if (!reader_) return std::nullopt;
    return reader_->bell(reader_->doorbell());
}

}  // namespace wanctl::steering
