// /health and /healthz of both daemons: is it well, and if not, why. From the newest record, so it
// costs microseconds.
#pragma once

#include <span>
#include <string>

#include "common/http/request.hpp"
#include "common/metrics/views.hpp"

namespace wanctl::http {

// "ok", or why not: "starting" (no record yet), "blackout" (for kBlackoutSlots slots at least),
// "router unreachable" (or whatever else than ok and late it is).
[[nodiscard]] std::string condition(const metrics::WanView& wan);
[[nodiscard]] std::string condition(const metrics::SteeringView& steering);

inline constexpr std::uint64_t kBlackoutSlots = 3;

// 200 when all is well, else 503.
[[nodiscard]] Answer autorate_health(const metrics::ProcessView& process,
                                     std::span<const metrics::WanView> wans);
[[nodiscard]] Answer steering_health(const metrics::ProcessView& process,
                                     const metrics::SteeringView& steering);

// The same in one word, for probes that look at the status alone.
[[nodiscard]] Answer liveness(bool well);

}  // namespace wanctl::http
