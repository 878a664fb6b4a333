#include "common/metrics/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>

#include "common/fd.hpp"
#include "common/version.hpp"

namespace wanctl::metrics {

namespace {

std::optional<double> resident_bytes() {
    const Fd file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
    std::array<char, 128> text{};
    if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return std::nullopt;
    char* next = text.data();
    std::strtoul(next, &next, 10);  // all of the address space
    const double pages = static_cast<double>(std::strtoul(next, nullptr, 10));
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void one(Exposition& out, std::string_view name, std::string_view type, std::string_view help,
         double value) {
    out.family(name, type, help);
    out.sample(name, {}, value);
}

}  // namespace

void write_process(Exposition& out, const ProcessView& process, const HttpFigures& http) {
    out.family("wanctl_build_info", "gauge", "What runs; the value is always 1.");
    out.sample("wanctl_build_info", label("version", kVersion), 1);
    const auto start = process.wall.time_since_epoch() - (process.now - process.started);
    one(out, "process_start_time_seconds", "gauge", "When the process began, since the epoch.",
        to_seconds(start));
    if (const auto resident = resident_bytes())
        one(out, "process_resident_memory_bytes", "gauge", "Memory in use.", *resident);
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    one(out, "process_cpu_seconds_total", "counter", "Processor time used.",
        seconds(used.ru_utime) + seconds(used.ru_stime));
    out.family("wanctl_http_answers_total", "counter", "Answers given by HTTP, this one not yet.");
    for (std::size_t i = 2; i < http.answers.size(); ++i) {
        out.sample("wanctl_http_answers_total", label("code", fmt::format("{}xx", i)),
                   static_cast<double>(http.answers[i]));
    }
    one(out, "wanctl_http_connections", "gauge", "Connections of HTTP readers now.",
        static_cast<double>(http.open));
    one(out, "wanctl_http_connections_refused_total", "counter", "Connections beyond the limit.",
        static_cast<double>(http.refused));
    one(out, "wanctl_http_connections_timed_out_total", "counter",
        "Connections ended because they idled or read too slowly.",
        static_cast<double>(http.timed_out));
}

std::string coding(const NameTable& names) {
    std::string out;
    for (std::size_t i = 0; i < names.values.size(); ++i)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", i, names.values[i]);
    return out;
}

void write_routers(Exposition& out, std::span<const LabelledRouter> routers) {
    out.family("wanctl_router_up", "gauge", "1 while the router answers, be it slowly.");
    for (const LabelledRouter& each : routers)
        out.sample("wanctl_router_up", each.labels, each.router.reachable() ? 1 : 0);
    out.family("wanctl_router_state", "gauge",
               "How the router answers: " + coding(names::kRouter) + ".");
    for (const LabelledRouter& each : routers) {
        out.sample("wanctl_router_state", each.labels, static_cast<double>(each.router.state()));
    }
}

void write_alerts(Exposition& out, std::span<const LabelledAlerts> alerts) {
    using namespace alert;
    constexpr std::string_view kTold = "wanctl_alerts_total";
    constexpr std::string_view kMessages = "wanctl_alert_messages_total";
    out.family(kTold, "counter", "Alerts raised and told as over, by what they are about.");
    for (const LabelledAlerts& each : alerts) {
        for (std::size_t type = 0; each.figures != nullptr && type < kAlertTypes; ++type) {
            const auto& told = each.figures->told[type];
            if (!each.figures->watched[type] && told == std::array<std::uint64_t, kPhases>{})
                continue;
            const std::string labels =
                join(each.labels, label("type", name(static_cast<AlertType>(type))));
            for (std::size_t phase = 0; phase < kPhases; ++phase) {
                out.sample(kTold, join(labels, label("phase", name(static_cast<Phase>(phase)))),
                           static_cast<double>(told[phase]));
            }
        }
    }
    out.family(kMessages, "counter", "Messages of alerts, by sink and by what became of them.");
    for (const LabelledAlerts& each : alerts) {
        if (each.figures == nullptr) continue;
        for (const AlertFigures::Sink& sink : each.figures->sinks) {
            const std::string labels = join(each.labels, label("sink", sink.name));
            for (std::size_t end = 0; end < kDeliveries; ++end) {
                out.sample(kMessages,
                           join(labels, label("outcome", name(static_cast<Delivery>(end)))),
                           static_cast<double>(sink.ended[end]));
            }
        }
    }
}

}  // namespace wanctl::metrics
