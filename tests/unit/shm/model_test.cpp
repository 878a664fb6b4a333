// Any order of publishing, reading, falling behind and restarting, beside a model that is a queue.
#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

using SegmentCursor = Cursor<CycleReader::ring>;

constexpr std::uint64_t kBrink = SegmentCursor::kReach - 1;

// What a reader that began at an instance's first record has still to get.
struct Instance {
    std::uint64_t tag = 0;
    std::deque<std::uint64_t> pending;
};

class Model {
  public:
    Model() { instances_.push_back({}); }

    void publish(std::uint64_t count) {
        for (; count > 0; --count) instances_.back().pending.push_back(published_++);
    }
    void restart() {
        instances_.push_back({instances_.back().tag + 1, {}});
        published_ = 0;
    }
    // Of the newest instance.
    [[nodiscard]] std::uint64_t pending() const { return instances_.back().pending.size(); }
    [[nodiscard]] std::uint64_t tag() const { return instances_.back().tag; }

    struct Expected {
        std::optional<std::uint64_t> number;  // none: nothing new in this instance
        std::uint64_t lost = 0;
        std::uint64_t tag = 0;
    };
    // The reader keeps reading the instance it is at, even a retired one, until that has no more.
    Expected read() {
        Instance& instance = instances_.front();
        Expected expected;
        expected.tag = instance.tag;
        if (instance.pending.size() > SegmentCursor::kReach) {
            while (instance.pending.size() > SegmentCursor::kLanding) {
                instance.pending.pop_front();
                ++expected.lost;
            }
        }
        if (instance.pending.empty()) return expected;
        expected.number = instance.pending.front();
        instance.pending.pop_front();
        return expected;
    }
    // To the newest instance; those between are never seen. False when the reader is there already.
    bool move_on() {
        if (instances_.size() == 1) return false;
        instances_.erase(instances_.begin(), instances_.end() - 1);
        return true;
    }

  private:
    std::deque<Instance> instances_;
    std::uint64_t published_ = 0;
};

// A writer and a reader on real segments.
class Real {
  public:
    Real() : writer_(std::move(*new_writer(name_))), reader_(std::move(*new_reader(name_))) {}

    void publish(std::uint64_t count, std::uint64_t tag) {
        for (; count > 0; --count) {
            CycleRecord record;
            record.slot = writer_->published();
            record.missed_slots = tag;
            writer_->publish_quietly(record);
        }
    }
    void restart(bool cleanly) {
        if (cleanly) writer_->stop();
        writer_.reset();
        writer_.emplace(std::move(*new_writer(name_)));
    }
    CursorStep read(CycleRecord& record) { return cursor_.next(record); }
    bool move_on() {
        if (reader_->reattach_reason(SystemClock().steady()) == Reattach::no) return false;
        auto found = new_reader(name_);
        if (!found || found->same_instance(*reader_)) return false;
        reader_.emplace(std::move(*found));
        cursor_ = SegmentCursor(reader_->records(), 0);
        return true;
    }

  private:
    ScratchName name_{"model"};
    std::optional<CycleWriter> writer_;
    std::optional<CycleReader> reader_;
    SegmentCursor cursor_{reader_->records(), 0};
};

void read_once(Model& model, Real& real) {
    const Model::Expected expected = model.read();
    CycleRecord record;
    const CursorStep step = real.read(record);
    if (!expected.number) {
        RC_ASSERT(step.status == CursorStatus::none);
        RC_ASSERT(real.move_on() == model.move_on());
        return;
    }
    RC_ASSERT(step.status == CursorStatus::record);
    RC_ASSERT(step.number == *expected.number);
    RC_ASSERT(step.lost == expected.lost);
    RC_ASSERT(record.slot == *expected.number);
    RC_ASSERT(record.missed_slots == expected.tag);
}

enum class Op : std::uint8_t { publish, lap, read, restart_cleanly, restart_after_death };

}  // namespace

TEST_CASE("a reader of a real segment gets what a queue that loses its tail would give it") {
    const bool held = rc::check([] {
        Model model;
        Real real;
        const auto count = rc::gen::inRange<std::uint64_t>(0, 300);
        const auto op = rc::gen::weightedElement<Op>({{6, Op::publish},
                                                      {2, Op::lap},
                                                      {8, Op::read},
                                                      {1, Op::restart_cleanly},
                                                      {1, Op::restart_after_death}});
        // Each restart makes two megabytes anew.
        const auto ops = *rc::gen::scale(
            full_run() ? 1.0 : 0.4, rc::gen::container<std::vector<std::pair<Op, std::uint64_t>>>(
                                        rc::gen::pair(op, count)));
        for (const auto& [what, times] : ops) {
            switch (what) {
                case Op::publish:
                    real.publish(times, model.tag());
                    model.publish(times);
                    break;
                case Op::lap: {
                    // To the brink at which a cursor jumps, one short of it, or one beyond.
                    const std::uint64_t many =
                        SegmentCursor::kReach + times % 3 - 1 - std::min(model.pending(), kBrink);
                    real.publish(many, model.tag());
                    model.publish(many);
                    break;
                }
                case Op::read:
                    for (std::uint64_t i = 0; i < times; ++i) read_once(model, real);
                    break;
                case Op::restart_cleanly:
                case Op::restart_after_death:
                    real.restart(what == Op::restart_cleanly);
                    model.restart();
                    break;
            }
        }
    });
    CHECK(held);
}
