// The bookkeeping of echoes and slots: who is asked when, which reply answers what, what is lost.
//
// Pure: time comes in as a parameter, packets as values. Nothing is allocated after construction.
//
// The life of an echo: pending -> answered, or pending -> lost after the timeout, or refused at
// once. A reply whose transmit stamp has not come yet is held until the stamp or the slot's close,
// whichever is first.
//
// Lost stays lost, but a queue longer than the timeout would make all echoes so, and the line would
// look dead while it is merely full: lost -> late with the reply, which is a sample as others are
// where the line is to blame for its lateness. It is not where most of the others answered in time,
// where the same reflector has answered a newer echo, and where nothing was heard for a while:
// after an outage one old reply tells of the outage, only the next one that the line works again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "autorate/probe/icmp_packet.hpp"
#include "autorate/probe/reflector_scores.hpp"
#include "autorate/probe/reflector_set.hpp"
#include "autorate/probe/reflector_vote.hpp"
#include "autorate/probe/slot_result.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

// Both clocks read at one moment: the steady one brackets what the kernel's wall-clock stamps say.
struct Instant {
    SteadyTime steady;
    WallTime wall;
};

struct TrackerSettings {
    ReflectorSet reflectors;
    Nanos interval{};  // of the slots
    Nanos timeout{};   // a reply later than this is lost
    int per_reflector_hz = 20;
    Nanos blackout_after{};       // blind for longer than this
    bool transmit_stamps = true;  // the socket promises them
    // An echo that is pending for this much longer than the baseline tells of a blocked line; 0:
    // only replies tell.
    Nanos blocked_after{};
    // A reply that comes after the timeout, but no later than this, may be a sample; 0: none is.
    Nanos late_until{};
};

// What late_until is best set to: longer than the queue of any line, and few enough echoes to keep.
inline constexpr Nanos kLongestRoundTrip = std::chrono::seconds(10);

// A reply that parsed as one of ours.
struct ReceivedReply {
    EchoReply reply;
    IpAddress from;
    std::optional<WallTime> stamp;  // the kernel's receive stamp
    Instant read;                   // when the receive call returned
};

class SlotTracker {
  public:
    explicit SlotTracker(const TrackerSettings& settings);

    // An address for reflector `index`, whose name was looked up. The first one is used at once;
    // another is tried in turns with the one in use, and takes its place when it answers.
    void offer_address(std::uint8_t index, IpAddress address);
    [[nodiscard]] std::optional<IpAddress> address(std::uint8_t index) const {
        return settings_.reflectors.address[index];
    }
    // Bit i: reflector i does not answer, or is not asked for that reason.
    [[nodiscard]] std::uint16_t failing() const;

    // Opens slot `slot` (growing numbers; gaps are missed slots) and returns the echoes that are to
    // be sent now. `now` is from just before the send call. The span lives until the next call.
    [[nodiscard]] std::span<const Echo> open_slot(std::uint64_t slot, const Instant& now);

    // The system did not take this echo of the open slot: nobody waits for its reply, and it is not
    // lost either. Its reflector counts as one that does not answer.
    void refused(std::uint64_t number);
    // A transmit stamp of echo `number`. Stacked devices give several: the last one before the
    // reply counts. Unknown numbers are ignored.
    void transmit_stamp(std::uint64_t number, WallTime stamp);
    void reply(const ReceivedReply& received);
    void count(PacketFault fault);

    // Every echo sent in the open slot is answered. False when none was sent.
    [[nodiscard]] bool complete() const;
    // Some echo of any slot is neither answered nor lost: the socket may hold its reply.
    [[nodiscard]] bool has_pending() const;
    // Some echo still lacks the transmit stamp that it will probably get.
    [[nodiscard]] bool awaits_stamps() const { return expect_stamps_ && unstamped_ > 0; }

    // Ends the slot. `baseline` is the idle RTT as known: it scales the time after which the line
    // counts as blind.
    [[nodiscard]] SlotResult close(SteadyTime now, Nanos baseline);

    // News of the reflectors, each once.
    [[nodiscard]] std::optional<ReflectorScores::Change> take_change() {
        return scores_.take_change();
    }
    [[nodiscard]] std::optional<ReflectorVote::Accusation> take_accusation() {
        return vote_.take_accusation();
    }

  private:
    enum class EchoState : std::uint8_t { pending, held, answered, lost, late, refused };

    struct Entry {
        std::uint64_t number = 0;  // 0: never used
        std::uint64_t slot = 0;
        IpAddress to;
        Instant sent;
        std::optional<WallTime> transmitted;
        WallTime received;  // of a held reply
        Instant read;       // of a held reply
        std::uint8_t reflector = 0;
        EchoState state = EchoState::lost;
        bool awaited = false;  // the slot is not complete without it
        bool aged = false;     // counted as a sample while it was pending
    };

    struct Measured {
        Nanos rtt{};
        StampSource source = StampSource::kernel;
        bool possible = true;  // the stamps may be true
        bool late = false;     // longer than the timeout, or read when the echo was lost already
    };

    struct Reflector {
        std::uint64_t next_slot = 0;      // the first slot in which it may be asked again
        std::uint64_t last_number = 0;    // of the newest echo sent to it
        std::uint64_t last_answered = 0;  // of the newest echo it answered
        std::optional<SteadyTime> waiting_since;
        std::uint64_t sample_number = 0;  // the newest echo that gave a sample; 0: none
        std::uint64_t sample_slot = 0;    // in which it did
        Nanos sample{};
        bool sample_late = false;
        std::optional<IpAddress> candidate;  // a newer address, not proven yet
        bool next_is_candidate = true;
    };

    [[nodiscard]] Entry& at(std::uint64_t number) { return table_[number & (table_.size() - 1)]; }
    [[nodiscard]] const Entry& at(std::uint64_t number) const {
        return table_[number & (table_.size() - 1)];
    }
    [[nodiscard]] std::span<Reflector> reflectors() {
        return std::span(reflectors_).first(settings_.reflectors.count);
    }
    void send_to(std::uint8_t reflector, const Instant& now, bool awaited);
    [[nodiscard]] std::uint16_t asked_bits() const;
    void finish(Entry& entry, std::optional<WallTime> received, const Instant& read);
    [[nodiscard]] Measured measure(const Entry& entry, std::optional<WallTime> received,
                                   const Instant& read) const;
    void answered_late(Entry& entry, const Measured& measured, const Instant& read);
    void welcome(const Entry& entry, SteadyTime read);
    void take(const Entry& entry, const Measured& measured, const Instant& read);
    void retire(Entry& entry, EchoState state);
    void lose(Entry& entry);
    void release(Entry& held);
    void settle_held();
    void expire(SteadyTime now);
    [[nodiscard]] bool others_answered(const Entry& entry) const;
    [[nodiscard]] std::optional<Nanos> aggregate();
    [[nodiscard]] std::optional<Nanos> pending_age(SteadyTime now, Nanos limit);
    [[nodiscard]] MeasurementState judge(SteadyTime now, Nanos baseline);
    [[nodiscard]] bool blind(SteadyTime now, Nanos baseline) const;

    TrackerSettings settings_;
    std::uint64_t turn_ = 1;  // slots between two echoes to one reflector
    std::optional<std::uint64_t> first_slot_;
    std::vector<Entry> table_;
    std::array<Echo, kMaxReflectors> outgoing_{};
    std::array<Reflector, kMaxReflectors> reflectors_{};
    std::uint64_t next_number_ = 1;
    std::uint64_t oldest_ = 1;  // nothing before it is pending or held
    std::uint64_t unstamped_ = 0;
    std::uint64_t held_ = 0;
    int unstamped_streak_ = 0;
    bool expect_stamps_ = true;
    std::size_t outgoing_count_ = 0;
    int slot_sent_ = 0;  // awaited echoes
    int slot_unanswered_ = 0;
    std::optional<SteadyTime> newest_arrival_;  // of a sample
    std::optional<SteadyTime> heard_;           // of any reply to an echo that is still known
    std::optional<SteadyTime> heard_before_;    // that, as of the last close
    std::optional<SteadyTime> blind_since_;
    ReflectorScores scores_;
    ReflectorVote vote_;
    // The line was blind and no reflector worth asking has answered since: the others are asked as
    // well.
    bool ask_everybody_ = false;
    std::optional<SteadyTime> rescued_;  // when one of those others last answered
    SlotResult result_;                  // of the slot being collected
};

}  // namespace wanctl::probe
