// /status and /steering: the newest record with every field and every counter, as the tool's JSON
// names and writes them.
#pragma once

#include <span>
#include <string_view>

#include "common/http/request.hpp"
#include "common/metrics/views.hpp"

namespace wanctl::http {

// {"version", "uptime_seconds", "wans": [{"name", "kind", "newest", "counters"}]}; `only` of that
// name, 404 when there is none. `newest` is null before the first record.
[[nodiscard]] Answer autorate_status(const metrics::ProcessView& process,
                                     std::span<const metrics::WanView> wans, std::string_view only);
// {"version", "uptime_seconds", "name", "kind", "newest", "counters"}
[[nodiscard]] Answer steering_status(const metrics::ProcessView& process,
                                     const metrics::SteeringView& steering);

}  // namespace wanctl::http
