// Sorts the RTT delta of one direction into its zone: four for download, three for upload.
#pragma once

#include "autorate/control/law_time.hpp"
#include "common/config/autorate_config.hpp"
#include "common/record/states.hpp"

namespace wanctl::autorate {

// A change of zone, complete enough to write its text and its record.
struct Transition {
    Zone from = Zone::green;
    Zone to = Zone::green;
    TransitionReason reason = TransitionReason::none;
    Nanos delta{};  // rounded so that it stands on the right side of the threshold
    Nanos threshold{};
};

struct ZoneVerdict {
    Zone zone = Zone::green;
    bool green_sustained = false;  // GREEN for green_required: the rate may rise
    std::optional<Transition> transition;
};

struct ZoneParams {
    Direction direction = Direction::download;
    ThresholdsConfig thresholds;
    Nanos interval{};  // what one slot stands for
    Nanos green_required{};
    Nanos soft_red_required{};  // shorter SOFT_RED is reported as YELLOW
};

class ZoneMachine {
  public:
    explicit ZoneMachine(const ZoneParams& params) : params_(params) {}

    // `delta` is load - baseline of the sample of `slot`; slots never go back.
    ZoneVerdict update(Millis delta, std::int64_t slot);

    // Upload knows no SOFT_RED: it is taken for YELLOW there.
    void restore(Zone zone);
    void reconfigure(const ZoneParams& params) { params_ = params; }

    [[nodiscard]] Zone zone() const { return zone_; }

  private:
    [[nodiscard]] Zone classify(Millis delta) const;
    [[nodiscard]] Transition describe(Zone to, Millis delta) const;

    ZoneParams params_;
    Zone zone_ = Zone::green;
    Streak green_;
    Streak soft_red_;
};

}  // namespace wanctl::autorate
