#include "common/record/transition_text.hpp"

#include <cmath>
#include <compare>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace wanctl {
namespace {

struct Phrase {
    std::string_view verb;
    std::string_view threshold;
    std::strong_ordering relation;  // of the delta to the threshold
};

Phrase phrase(TransitionReason reason) {
    using Ordering = std::strong_ordering;
    switch (reason) {
        case TransitionReason::exceeded_hard_red:
            return {"exceeded", "hard_red", Ordering::greater};
        case TransitionReason::exceeded_soft_red:
            return {"exceeded", "soft_red", Ordering::greater};
        case TransitionReason::exceeded_green:
            return {"exceeded", "green", Ordering::greater};
        case TransitionReason::exceeded_warn:
            return {"exceeded", "warn", Ordering::greater};
        case TransitionReason::exceeded_target:
            return {"exceeded", "target", Ordering::greater};
        case TransitionReason::below_green:
            return {"fell below", "green", Ordering::less};
        case TransitionReason::at_green:
            return {"is at", "green", Ordering::equal};
        case TransitionReason::below_target:
            return {"fell below", "target", Ordering::less};
        case TransitionReason::at_target:
            return {"is at", "target", Ordering::equal};
        case TransitionReason::none:
            break;
    }
    return {{}, {}, Ordering::equal};
}

// What a reader of the printed number will take it for.
Nanos printed_value(const std::string& text) {
    return from_ms(std::strtod(text.c_str(), nullptr));
}

constexpr int kExactDecimals = 6;  // of a millisecond: whole nanoseconds

}  // namespace

std::string transition_text(TransitionReason reason, Nanos delta, Nanos threshold) {
    const Phrase words = phrase(reason);
    if (words.verb.empty()) return {};
    const double delta_ms = to_ms(delta);
    const double threshold_ms = to_ms(threshold);
    std::string delta_text;
    std::string threshold_text = fmt::format("{:g}", threshold_ms);
    const auto says_so = [&] {
        return (printed_value(delta_text) <=> printed_value(threshold_text)) == words.relation;
    };
    bool true_as_printed = false;
    for (int decimals = 1; decimals <= kExactDecimals && !true_as_printed; ++decimals) {
        delta_text = fmt::format("{:.{}f}", delta_ms, decimals);
        true_as_printed = says_so();
    }
    if (!true_as_printed) {
        // Six digits hide what tells the threshold from the delta: both are printed to the
        // nanosecond.
        threshold_text = fmt::format("{:.{}f}", threshold_ms, kExactDecimals);
    }
    return fmt::format("RTT delta {}ms {} {} threshold {}ms", delta_text, words.verb,
                       words.threshold, threshold_text);
}

}  // namespace wanctl
