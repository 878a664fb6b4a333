#include "autorate/probe/send_troubles.hpp"

namespace wanctl::probe {

namespace {

constexpr Nanos kOverAfter = std::chrono::seconds(1);
constexpr Nanos kTellAgainAfter = std::chrono::seconds(10);

}  // namespace

bool SendTroubles::refused(std::uint8_t reflector, int error, SteadyTime now) {
    Trouble& trouble = of_[reflector];
    trouble.last = now;
    const bool begins = trouble.error == 0;
    if (!begins && (trouble.error == error || now - trouble.told < kTellAgainAfter)) return false;
    trouble.error = error;
    trouble.told = now;
    return true;
}

bool SendTroubles::taken(std::uint8_t reflector, SteadyTime now) {
    Trouble& trouble = of_[reflector];
    if (trouble.error == 0 || now - trouble.last < kOverAfter) return false;
    trouble.error = 0;
    return true;
}

}  // namespace wanctl::probe
