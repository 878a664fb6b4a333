// Once per state change: a trouble that repeats every slot is one line, a count, and a line at its
// end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/log/log.hpp"
#include "common/units.hpp"

namespace wanctl {

// One kind of trouble. The first occurrence is logged; the same message again is counted and told
// every `remind`; another message is news and logged at once, after the count of the one before.
// Time is passed in. Does nothing on the heap while a message repeats.
class StateLog {
  public:
    StateLog(Log& log, LogLevel level, Nanos remind = std::chrono::minutes(10))
        : log_(log), level_(level), remind_(remind) {}

    void occurred(SteadyTime now, std::string_view message, Log::Fields fields = {});

    // The trouble is over: logs `message` at info with how often it occurred and how long it
    // lasted. Nothing is logged when there was none.
    void ended(SteadyTime now, std::string_view message);

    [[nodiscard]] bool active() const { return count_ != 0; }
    [[nodiscard]] std::uint64_t count() const { return count_; }  // of the present message

  private:
    void tell_count(SteadyTime now);

    Log& log_;
    LogLevel level_;
    Nanos remind_;
    std::string message_;
    std::uint64_t count_ = 0;
    std::uint64_t total_ = 0;  // of all messages since `began_`
    std::uint64_t told_ = 0;   // of count_
    SteadyTime began_{};
    SteadyTime last_told_{};
};

}  // namespace wanctl
