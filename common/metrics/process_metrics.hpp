// Metrics of the process itself, the same for both daemons.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "common/metrics/exposition.hpp"
#include "common/metrics/views.hpp"

namespace wanctl::metrics {

// Of the HTTP interface since it listens.
struct HttpFigures {
    std::array<std::uint64_t, 6> answers{};  // by the first digit of their status
    std::uint64_t refused = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t open = 0;
};

void write_process(Exposition& out, const ProcessView& process, const HttpFigures& http);
// wanctl_router_up and wanctl_router_state
struct LabelledRouter {
    std::string labels;
    const RouterWatch& router;
};
void write_routers(Exposition& out, std::span<const LabelledRouter> routers);
// wanctl_alerts_total and wanctl_alert_messages_total
struct LabelledAlerts {
    std::string labels;
    const alert::AlertFigures* figures = nullptr;  // nullptr: nothing is told
};
void write_alerts(Exposition& out, std::span<const LabelledAlerts> alerts);
// "0 none, 1 fresh": the coding of an enumeration, for a help text.
[[nodiscard]] std::string coding(const NameTable& names);

}  // namespace wanctl::metrics
