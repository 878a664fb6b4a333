#include "autorate/control/path_watch.hpp"

namespace wanctl::autorate {

namespace {

constexpr Nanos kMostOfOneSample = std::chrono::seconds(1);
constexpr Nanos kShorter = std::chrono::seconds(3);

}  // namespace

std::optional<Millis> PathWatch::observe(Millis rtt, Millis baseline, Nanos elapsed) {
    if (escape_ <= Nanos(0)) {
        return std::nullopt;
    }
    const Side side = rtt > baseline + near_   ? Side::longer
                      : rtt < baseline - near_ ? Side::shorter
                                               : Side::near;
    if (side != side_) {
        side_ = side;
        away_ = Nanos(0);
        nearest_ = rtt;
    }
    if (side == Side::near) {
        return std::nullopt;
    }
    nearest_ = side == Side::longer ? std::min(nearest_, rtt) : std::max(nearest_, rtt);
    away_ += std::min(elapsed, kMostOfOneSample);
    if (away_ < (side == Side::longer ? escape_ : std::min(escape_, kShorter))) {
        return std::nullopt;
    }
    side_ = Side::near;
    return nearest_;
}

}  // namespace wanctl::autorate
