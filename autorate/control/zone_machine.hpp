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
    std::optional<Transition> transition{};
    bool dwelling = false;          // above target, and GREEN only until dwell is over
    Nanos held_back{};              // YELLOW begins now, and would have this long ago
    bool in_deadband = false;       // below target, and YELLOW only because of the deadband
    bool soft_red_lasting = false;  // SOFT_RED for soft_red_decay: it decays
    bool spike = false;             // told by a SpikeWatch, not by the machine: cut once
};

struct ZoneParams {
    Direction direction = Direction::download;
    ThresholdsConfig thresholds;
    Nanos interval{};  // what one slot stands for
    Nanos green_required{};
    Nanos soft_red_required{};  // shorter SOFT_RED is reported as YELLOW
    // The mends; 0 is off. Dwell and deadband act between GREEN and YELLOW only: what is worse is
    // never delayed, and the way down from it never passes for GREEN.
    Nanos soft_red_decay{};  // a SOFT_RED this long no longer holds the rate
    Nanos dwell{};           // YELLOW, or the rise into it, must last this long to end GREEN
    Millis deadband{};       // YELLOW ends this far below target; half of target at most
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
    [[nodiscard]] bool in_deadband(Zone raw, Millis delta) const;
    [[nodiscard]] Transition describe(Zone to, Millis delta) const;

    ZoneParams params_;
    Zone zone_ = Zone::green;
    Streak green_;
    Streak yellow_;
    Streak soft_red_;
    Streak rising_;
    Millis last_delta_{};
};

}  // namespace wanctl::autorate
