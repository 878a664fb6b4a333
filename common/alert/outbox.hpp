// What waits to be sent to one receiver, and when. Pure: time is passed in; nothing is sent here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "common/alert/message.hpp"
#include "common/transfer/backoff.hpp"

namespace wanctl::alert {

// How an attempt ended.
struct Attempt {
    enum class End : std::uint8_t {
        delivered,
        refused,    // and would be again: another try makes no sense
        try_again,  // no connection, no answer, the receiver is busy
    };
    End end = End::try_again;
    std::optional<Nanos> wait;  // what the receiver asks for before the next attempt
};

// How a message ended.
enum class Delivery : std::uint8_t {
    delivered,
    refused,
    given_up,  // kPatience passed without success
    dropped,   // no room, or no time left
};
inline constexpr std::size_t kDeliveries = 4;

[[nodiscard]] std::string_view name(Delivery value);

struct Ended {
    std::shared_ptr<const Message> message;
    Delivery delivery = Delivery::delivered;
    int attempts = 0;
};

// First in, first out: one message in flight, at most kMost kept. Up to kBurst go out at once, then
// one every kPace. Between attempts the wait grows from kFirstWait to kLongestWait, with jitter; a
// receiver that names a longer one gets it, up to kLongestAsked. The line that a message is about
// may be the way it takes, so it is tried for kPatience.
class Outbox {
  public:
    static constexpr std::size_t kMost = 32;
    static constexpr int kBurst = 10;
    static constexpr Nanos kPace = std::chrono::seconds(3);
    static constexpr Nanos kFirstWait = std::chrono::seconds(2);
    static constexpr Nanos kLongestWait = std::chrono::seconds(60);
    static constexpr Nanos kLongestAsked = std::chrono::minutes(10);
    static constexpr Nanos kPatience = std::chrono::hours(1);

    explicit Outbox(std::uint32_t seed) : backoff_(kFirstWait, seed) {}

    // False when there is no room; the message is not kept.
    [[nodiscard]] bool push(SteadyTime now, std::shared_ptr<const Message> message);
    // The message to send now, in flight until ended(); null when none is due.
    [[nodiscard]] const Message* next(SteadyTime now);
    // How the one in flight fared; what became of it, if that is its end.
    [[nodiscard]] std::optional<Ended> ended(SteadyTime now, const Attempt& attempt);
    // When next() has something; absent while one is in flight or none waits.
    [[nodiscard]] std::optional<SteadyTime> due(SteadyTime now) const;
    // Everything that is still there, the one in flight included, as dropped; it is forgotten.
    [[nodiscard]] std::deque<Ended> take_all();

    [[nodiscard]] bool in_flight() const { return in_flight_; }
    // The oldest; there is one while one is in flight.
    [[nodiscard]] const Message& front() const { return *queue_.front().message; }

  private:
    struct Waiting {
        std::shared_ptr<const Message> message;
        SteadyTime since;
        int attempts = 0;
    };

    std::deque<Waiting> queue_;
    transfer::Backoff backoff_;
    bool in_flight_ = false;
    SteadyTime not_before_ = SteadyTime::min();
    // The rate's budget is full at this time; each message moves it on by kPace.
    SteadyTime full_at_ = SteadyTime::min();
};

}  // namespace wanctl::alert
