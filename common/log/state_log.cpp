#include "common/log/state_log.hpp"

namespace wanctl {

void StateLog::occurred(SteadyTime now, std::string_view message, Log::Fields fields) {
    if (count_ == 0) {
        began_ = now;
        total_ = 0;
    }
    ++total_;
    if (count_ != 0 && message == message_) {
        ++count_;
        if (now - last_told_ >= remind_) tell_count(now);
        return;
    }
    if (count_ > told_) tell_count(now);
    message_ = message;
    count_ = 1;
    told_ = 1;
    last_told_ = now;
    log_.log(level_, message, fields);
}

void StateLog::ended(SteadyTime now, std::string_view message) {
    if (count_ == 0) return;
    log_.info(message, {{"occurred", total_}, {"lasted_s", to_seconds(now - began_)}});
    count_ = 0;
}

void StateLog::tell_count(SteadyTime now) {
    log_.log(level_, message_,
             {{"repeated", count_ - told_}, {"within_s", to_seconds(now - last_told_)}});
    told_ = count_;
    last_told_ = now;
}

}  // namespace wanctl
