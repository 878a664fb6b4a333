#include "autorate/probe/slot_tracker.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

namespace wanctl::probe {

namespace {

// Two clocks that are read one after the other, and a slewed wall clock, differ by less than this.
constexpr Nanos kClockMargin = std::chrono::milliseconds(5);
constexpr Nanos kMinBlindTime = std::chrono::milliseconds(200);
// So many held replies in a row got no transmit stamp: the device gives none, stop waiting for it.
constexpr int kStampsGivenUp = 8;
// A late reply is believed while others came before it: at most the timeout or so many turns ago.
constexpr int kMostSilentTurns = 3;

template <typename Count>
void add_one(Count& count) {
    if (count < std::numeric_limits<Count>::max()) ++count;
}

std::uint64_t slots_per_turn(const TrackerSettings& settings) {
    const std::int64_t period =
        Nanos(std::chrono::seconds(1)).count() / std::max(settings.per_reflector_hz, 1);
    const std::int64_t interval = std::max<std::int64_t>(settings.interval.count(), 1);
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>((period + interval - 1) / interval, 1));
}

// Room for every echo that can be pending or may yet be answered late, and for as long again as the
// timeout to know duplicate replies.
std::size_t table_size(const TrackerSettings& settings, std::uint64_t turn) {
    const auto period = settings.interval.count() * static_cast<std::int64_t>(turn);
    const Nanos known = std::max(2 * settings.timeout, settings.late_until);
    const auto each = known.count() / std::max<std::int64_t>(period, 1) + 4;
    return std::bit_ceil(static_cast<std::size_t>(each) * settings.reflectors.count);
}

// How far the wall clock was moved against the steady one from `a` to `b`.
Nanos wall_step(const Instant& a, const Instant& b) {
    return (b.wall - a.wall) - (b.steady - a.steady);
}

std::int32_t to_us(Nanos rtt) {
    const auto us = std::chrono::round<Micros>(rtt).count();
    return static_cast<std::int32_t>(
        std::min<std::int64_t>(us, std::numeric_limits<std::int32_t>::max()));
}

std::uint16_t bit(std::uint8_t reflector) {
    return static_cast<std::uint16_t>(1U << reflector);
}

}  // namespace

SlotTracker::SlotTracker(const TrackerSettings& settings)
    : settings_(settings),
      turn_(slots_per_turn(settings)),
      table_(table_size(settings, turn_)),
      expect_stamps_(settings.transmit_stamps),
      scores_(settings.reflectors.count) {
    result_.active = asked_bits();
    result_.reflector_rtt_us.fill(kUnknownUs);
}

std::uint16_t SlotTracker::asked_bits() const {
    std::uint16_t known = 0;
    for (std::uint8_t i = 0; i < settings_.reflectors.count; ++i) {
        if (settings_.reflectors.address[i]) known = static_cast<std::uint16_t>(known | bit(i));
    }
    return ask_everybody_ ? known : static_cast<std::uint16_t>(known & scores_.active());
}

void SlotTracker::offer_address(std::uint8_t index, IpAddress address) {
    auto& in_use = settings_.reflectors.address[index];
    if (!in_use) {
        in_use = address;
    } else if (*in_use != address) {
        reflectors_[index].candidate = address;
    }
}

std::uint16_t SlotTracker::failing() const {
    const auto all = static_cast<std::uint16_t>((1U << settings_.reflectors.count) - 1U);
    return ask_everybody_ ? all : static_cast<std::uint16_t>(all & ~scores_.active());
}

std::span<const Echo> SlotTracker::open_slot(std::uint64_t slot, const Instant& now) {
    result_.slot = slot;
    result_.active = asked_bits();
    outgoing_count_ = 0;
    slot_sent_ = 0;
    slot_unanswered_ = 0;
    const auto second_chance = scores_.probe_due(now.steady);
    if (!first_slot_) first_slot_ = slot;
    for (std::uint8_t i = 0; i < settings_.reflectors.count; ++i) {
        // Its places are first, first + turn, first + 2 turns ...
        const std::uint64_t first = *first_slot_ + i * turn_ / settings_.reflectors.count;
        Reflector& reflector = reflectors_[i];
        const bool asked = (result_.active & bit(i)) != 0;
        const bool known = settings_.reflectors.address[i].has_value();
        if (!known && !reflector.waiting_since) reflector.waiting_since = now.steady;
        if (!asked) {
            if (known) reflector.waiting_since.reset();
            if (known && second_chance == i) send_to(i, now, false);
            continue;
        }
        if (slot < std::max(first, reflector.next_slot)) continue;
        // After missed slots it may be beside its place: back onto it, so that the reflectors stay
        // spread out, but never sooner than a whole turn after this echo.
        const std::uint64_t beside = (slot - first) % turn_;
        reflector.next_slot = slot + turn_ + (beside == 0 ? 0 : turn_ - beside);
        send_to(i, now, true);
    }
    return {outgoing_.data(), outgoing_count_};
}

void SlotTracker::send_to(std::uint8_t index, const Instant& now, bool awaited) {
    const std::uint64_t number = next_number_++;
    Entry& entry = at(number);
    if (oldest_ + table_.size() <= number) {
        lose(entry);
        ++oldest_;
    }
    entry = Entry{};
    entry.number = number;
    entry.slot = result_.slot;
    entry.sent = now;
    entry.reflector = index;
    entry.state = EchoState::pending;
    entry.awaited = awaited;
    ++unstamped_;

    Reflector& reflector = reflectors_[index];
    reflector.last_number = number;
    const bool try_candidate = reflector.candidate && reflector.next_is_candidate;
    reflector.next_is_candidate = !try_candidate;
    entry.to = try_candidate ? *reflector.candidate : *settings_.reflectors.address[index];
    outgoing_[outgoing_count_++] = Echo{number, entry.to, index};
    if (!awaited) return;
    if (!reflector.waiting_since) reflector.waiting_since = now.steady;
    ++slot_sent_;
    ++slot_unanswered_;
}

void SlotTracker::refused(std::uint64_t number) {
    Entry& entry = at(number);
    if (entry.number != number || entry.state != EchoState::pending) return;
    retire(entry, EchoState::refused);
    if (!entry.awaited) return;
    --slot_sent_;
    --slot_unanswered_;
}

void SlotTracker::transmit_stamp(std::uint64_t number, WallTime stamp) {
    Entry& entry = at(number);
    if (number == 0 || entry.number != number) return;
    expect_stamps_ = true;
    unstamped_streak_ = 0;
    if (entry.state != EchoState::pending && entry.state != EchoState::held) return;
    if (!entry.transmitted) --unstamped_;
    entry.transmitted = stamp;
    if (entry.state == EchoState::held) {
        release(entry);
    }
}

void SlotTracker::release(Entry& entry) {
    --held_;
    entry.state = EchoState::pending;
    finish(entry, entry.received, entry.read);
}

void SlotTracker::count(PacketFault fault) {
    const bool damaged = fault == PacketFault::truncated || fault == PacketFault::corrupt_checksum;
    add_one(damaged ? result_.malformed : result_.foreign);
}

void SlotTracker::reply(const ReceivedReply& received) {
    const std::uint64_t number = received.reply.number;
    if (number == 0 || number >= next_number_) return add_one(result_.foreign);
    Entry& entry = at(number);
    // Sent so long ago that its entry serves another echo.
    if (entry.number != number) return add_one(result_.late);
    if (received.from != entry.to) {
        const auto& all = settings_.reflectors.address;
        const auto other =
            std::find(all.begin(), all.begin() + settings_.reflectors.count, received.from) -
            all.begin();
        if (other < settings_.reflectors.count) {
            vote_.answered_for_another(static_cast<std::uint8_t>(other));
        }
        return add_one(result_.foreign);
    }
    switch (entry.state) {
        case EchoState::refused:
            return add_one(result_.late);
        case EchoState::lost:
            return finish(entry, received.stamp, received.read);
        case EchoState::answered:
        case EchoState::late:
        case EchoState::held:
            vote_.duplicated(entry.reflector);
            return add_one(result_.duplicate);
        case EchoState::pending:
            break;
    }
    if (expect_stamps_ && received.stamp && !entry.transmitted) {
        entry.state = EchoState::held;
        entry.received = *received.stamp;
        entry.read = received.read;
        ++held_;
        return;
    }
    finish(entry, received.stamp, received.read);
}

SlotTracker::Measured SlotTracker::measure(const Entry& entry, std::optional<WallTime> received,
                                           const Instant& read) const {
    const Nanos bracket = read.steady - entry.sent.steady;
    Measured measured{bracket, StampSource::user};
    if (received && entry.transmitted) {
        measured = {*received - *entry.transmitted, StampSource::kernel};
    } else if (received) {
        measured = {*received - entry.sent.wall, StampSource::kernel_rx};
    }
    const bool stamped = measured.source != StampSource::user;
    // A wall clock set forward makes the RTT longer than the time that passed, one set back makes
    // it negative, or, where the RTT is longer than the step, merely too short: the last is seen
    // only by the two clocks having moved apart.
    measured.possible = measured.rtt >= Nanos::zero() && measured.rtt <= bracket + kClockMargin &&
                        (!stamped || std::chrono::abs(wall_step(entry.sent, read)) <= kClockMargin);
    measured.late =
        entry.state == EchoState::lost || (measured.possible && measured.rtt > settings_.timeout);
    return measured;
}

void SlotTracker::finish(Entry& entry, std::optional<WallTime> received, const Instant& read) {
    const Measured measured = measure(entry, received, read);
    if (measured.late) {
        lose(entry);
        return answered_late(entry, measured, read);
    }
    retire(entry, EchoState::answered);
    if (entry.awaited && entry.slot == result_.slot && slot_unanswered_ > 0) --slot_unanswered_;
    // Whatever its stamps say, somebody answered: the line is not blind.
    scores_.answered(entry.reflector);
    welcome(entry, read.steady);
    if (measured.possible) {
        take(entry, measured, read);
    } else {
        add_one(result_.malformed);
    }
}

// The echo stays lost in all counts and scores.
void SlotTracker::answered_late(Entry& entry, const Measured& measured, const Instant& read) {
    add_one(result_.late);
    entry.state = EchoState::late;
    if (!measured.possible) return add_one(result_.malformed);
    if (measured.rtt > settings_.late_until) return;
    if (others_answered(entry) || entry.number < reflectors_[entry.reflector].last_answered) return;
    const SteadyTime arrival = std::min(entry.sent.steady + measured.rtt, read.steady);
    heard_ = heard_ ? std::max(*heard_, arrival) : arrival;
    const Nanos silence = std::max(settings_.timeout,
                                   kMostSilentTurns * static_cast<int>(turn_) * settings_.interval);
    if (!heard_before_ || arrival - *heard_before_ > silence) return;
    welcome(entry, read.steady);
    take(entry, measured, read);
}

// Its reflector answers: it is waited for anew, and if it was asked because all others fell silent,
// they were not.
void SlotTracker::welcome(const Entry& entry, SteadyTime read) {
    if ((scores_.active() & bit(entry.reflector)) != 0) {
        ask_everybody_ = false;
    } else if (entry.awaited) {
        rescued_ = read;
    }
    Reflector& reflector = reflectors_[entry.reflector];
    if (reflector.candidate == entry.to) {
        settings_.reflectors.address[entry.reflector] = entry.to;
        reflector.candidate.reset();
    }
    reflector.last_answered = std::max(reflector.last_answered, entry.number);
    if (reflector.last_number == entry.number) {
        reflector.waiting_since.reset();
    } else {
        reflector.waiting_since = read;
    }
}

void SlotTracker::take(const Entry& entry, const Measured& measured, const Instant& read) {
    const SteadyTime arrival = std::min(entry.sent.steady + measured.rtt, read.steady);
    newest_arrival_ = newest_arrival_ ? std::max(*newest_arrival_, arrival) : arrival;
    heard_ = heard_ ? std::max(*heard_, arrival) : arrival;

    Reflector& reflector = reflectors_[entry.reflector];
    result_.reflector_rtt_us[entry.reflector] = to_us(measured.rtt);
    if (!entry.awaited) return;  // of a reflector that has yet to prove itself
    // Overtaken by the reply to a newer echo.
    if ((result_.answered & bit(entry.reflector)) != 0 && entry.number < reflector.sample_number) {
        return;
    }
    reflector.sample_number = entry.number;
    reflector.sample_slot = result_.slot;
    reflector.sample = measured.rtt;
    reflector.sample_late = measured.late;
    result_.stamp_source =
        result_.answered == 0 ? measured.source : std::max(result_.stamp_source, measured.source);
    result_.answered = static_cast<std::uint16_t>(result_.answered | bit(entry.reflector));
}

void SlotTracker::retire(Entry& entry, EchoState state) {
    if (!entry.transmitted) --unstamped_;
    entry.state = state;
}

void SlotTracker::lose(Entry& entry) {
    if (entry.state != EchoState::pending && entry.state != EchoState::held) return;
    if (entry.state == EchoState::held) --held_;
    add_one(result_.lost);
    retire(entry, EchoState::lost);
    if (others_answered(entry)) scores_.lost(entry.reflector);
}

// Most of the others that were asked in the same turn answered: the loss is the reflector's, not
// the line's.
bool SlotTracker::others_answered(const Entry& entry) const {
    const std::uint64_t reach = settings_.reflectors.count - 1U;
    std::uint16_t asked = 0;
    std::uint16_t answered = 0;
    for (std::uint64_t number = entry.number > reach ? entry.number - reach : 1;
         number <= entry.number + reach; ++number) {
        const Entry& other = at(number);
        if (other.number != number || other.reflector == entry.reflector) continue;
        asked = static_cast<std::uint16_t>(asked | bit(other.reflector));
        if (other.state != EchoState::answered) continue;
        answered = static_cast<std::uint16_t>(answered | bit(other.reflector));
    }
    return 2 * std::popcount(answered) > std::popcount(asked);
}

bool SlotTracker::complete() const {
    return slot_sent_ > 0 && slot_unanswered_ == 0;
}

bool SlotTracker::has_pending() const {
    for (std::uint64_t number = oldest_; number < next_number_; ++number) {
        const EchoState state = at(number).state;
        if (state == EchoState::pending || state == EchoState::held) return true;
    }
    return false;
}

void SlotTracker::expire(SteadyTime now) {
    for (; oldest_ < next_number_; ++oldest_) {
        Entry& entry = at(oldest_);
        if (entry.state != EchoState::pending) continue;
        if (entry.sent.steady + settings_.timeout >= now) return;
        lose(entry);
    }
}

// Their stamps did not come in time: the send call's time has to do.
void SlotTracker::settle_held() {
    for (std::uint64_t number = oldest_; held_ > 0 && number < next_number_; ++number) {
        Entry& entry = at(number);
        if (entry.state != EchoState::held) continue;
        if (++unstamped_streak_ >= kStampsGivenUp) expect_stamps_ = false;
        release(entry);
    }
}

std::optional<Nanos> SlotTracker::aggregate() {
    ReflectorVote::Answers answers;
    answers.now = result_.answered;
    for (std::uint8_t i = 0; i < settings_.reflectors.count; ++i) {
        const Reflector& reflector = reflectors_[i];
        const bool now = (result_.answered & bit(i)) != 0;
        const bool ever = reflector.sample_number != 0;
        if (!now && (!ever || reflector.sample_slot + turn_ <= result_.slot)) continue;
        answers.lately = static_cast<std::uint16_t>(answers.lately | bit(i));
        answers.rtt[i] = reflector.sample;
        if (!reflector.sample_late) continue;
        answers.late = static_cast<std::uint16_t>(answers.late | bit(i));
    }
    if ((answers.now & answers.late) != 0) result_.source = SampleSource::late;
    return vote_.decide(answers);
}

// How long the line has been blocked, by the echoes that wait: what two reflectors agree on. Each
// echo counts once.
std::optional<Nanos> SlotTracker::pending_age(SteadyTime now, Nanos limit) {
    std::array<Nanos, kMaxReflectors> age{};
    for (std::uint64_t number = oldest_; number < next_number_; ++number) {
        Entry& entry = at(number);
        if (entry.state != EchoState::pending || entry.aged || !entry.awaited) continue;
        // Lost, most likely: what was sent after it is answered.
        if (number < reflectors_[entry.reflector].last_answered) continue;
        const Nanos waited = now - entry.sent.steady;
        if (waited <= limit) break;  // and so are all the newer ones
        age[entry.reflector] = std::max(age[entry.reflector], waited);
    }
    std::nth_element(age.begin(), age.begin() + 1, age.end(), std::greater<>());
    if (age[1] == Nanos::zero()) return std::nullopt;
    for (std::uint64_t number = oldest_; number < next_number_; ++number) {
        Entry& entry = at(number);
        entry.aged = entry.aged || now - entry.sent.steady > limit;
    }
    return age[1];
}

bool SlotTracker::blind(SteadyTime now, Nanos baseline) const {
    const Nanos limit = std::max({3 * settings_.interval, 4 * baseline, kMinBlindTime});
    if (rescued_ && now - *rescued_ < limit) return false;
    for (std::uint8_t i = 0; i < settings_.reflectors.count; ++i) {
        if ((scores_.active() & bit(i)) == 0) continue;
        const auto& since = reflectors_[i].waiting_since;
        if (!since || now - *since < limit) return false;
    }
    return true;
}

MeasurementState SlotTracker::judge(SteadyTime now, Nanos baseline) {
    // Whoever answered, liars included, the line carries packets.
    if (result_.answered != 0 || !blind(now, baseline)) {
        blind_since_.reset();
        return result_.rtt ? MeasurementState::fresh : MeasurementState::none;
    }
    ask_everybody_ = true;
    if (!blind_since_) blind_since_ = now;
    // A line on which a reply arrives now and then, late as it may be, is not dead.
    const SteadyTime silent_since = std::max(*blind_since_, heard_.value_or(*blind_since_));
    return now - silent_since > settings_.blackout_after ? MeasurementState::blackout
                                                         : MeasurementState::blind;
}

SlotResult SlotTracker::close(SteadyTime now, Nanos baseline) {
    settle_held();
    expire(now);
    if (result_.answered != 0) result_.rtt = aggregate();
    if (newest_arrival_) result_.sample_age = std::max(now - *newest_arrival_, Nanos::zero());
    result_.state = judge(now, baseline);
    // Before the first reply nobody knows whether there is a line to be blocked.
    if (result_.state == MeasurementState::none && result_.answered == 0 && newest_arrival_ &&
        settings_.blocked_after > Nanos::zero()) {
        result_.rtt = pending_age(now, baseline + settings_.blocked_after);
        if (result_.rtt) {
            result_.state = MeasurementState::fresh;
            result_.source = SampleSource::pending;
        }
    }
    result_.lying = vote_.liars();
    heard_before_ = heard_;

    const SlotResult closed = result_;
    result_ = SlotResult{};
    result_.slot = closed.slot;
    result_.active = closed.active;
    result_.stamp_source = closed.stamp_source;
    result_.reflector_rtt_us = closed.reflector_rtt_us;
    slot_sent_ = 0;
    return closed;
}

}  // namespace wanctl::probe
