// Hands each message to the sinks of its rule, and tells what became of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/alert/sender.hpp"

namespace wanctl::alert {

// Of a rule that names no sink.
inline constexpr std::string_view kLogSink = "log";

// What became of a message at one sink: for the history.
struct Outcome {
    const Message& message;
    std::string_view sink;  // its name, or kLogSink
    Delivery delivery = Delivery::delivered;
    int attempts = 0;
};

// As JSON, for a column of the history.
[[nodiscard]] std::string outcome_json(const Outcome& outcome);

class Desk {
  public:
    using OnOutcome = std::function<void(const Outcome& outcome)>;

    Desk(const Surroundings& around, std::vector<SinkConfig> sinks);

    void on_outcome(OnOutcome call) { on_outcome_ = std::move(call); }
    // To the log where `sinks` is empty or names one that there is not.
    void tell(Message message, const std::vector<std::string>& sinks);
    // A sink whose settings are the same keeps what it has to send; the others drop it.
    void reconfigure(std::vector<SinkConfig> sinks);
    // Nothing is sent any more; what was not delivered is said.
    void close();

  private:
    void build(std::vector<SinkConfig> sinks);
    void log(const Message& message, std::string_view sink);
    void ended(std::string_view sink, const Ended& ended);

    Surroundings around_;
    OnOutcome on_outcome_;
    std::vector<SinkConfig> sinks_;
    std::vector<std::unique_ptr<Sender>> senders_;  // of all but the logs
};

}  // namespace wanctl::alert
