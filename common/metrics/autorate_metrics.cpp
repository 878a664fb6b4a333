#include <algorithm>
#include <array>

#include "common/metrics/metrics_text.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"

namespace wanctl::metrics {

namespace {

constexpr double kMs = 1e-6;      // from ns
constexpr double kUsMs = 1e-3;    // from us
constexpr double kSec = 1e-9;     // from ns
constexpr double kUsSec = 1e-6;   // from us
constexpr double kMbps = 1e-6;    // from bit/s
constexpr double kBytes = 0.125;  // from bits

constexpr std::string_view kGauge = "gauge";
constexpr std::string_view kCounter = "counter";
constexpr std::string_view kDown = "direction=\"download\"";
constexpr std::string_view kUp = "direction=\"upload\"";

constexpr RecordRow kRows[] = {
    {"wanctl_rtt_ms", kGauge, "rtt_us", "", kUsMs,
     "Round trip of the newest slot, absent without a reply.", false},
    {"wanctl_rtt_load_ms", kGauge, "load_ns", "", kMs, "Short average of the round trip.", false},
    {"wanctl_rtt_baseline_ms", kGauge, "baseline_ns", "", kMs,
     "Long average of the idle round trip.", false},
    {"wanctl_rtt_delta_ms", kGauge, "delta_ns", "", kMs, "Load minus baseline.", false},
    {"wanctl_rate_download_mbps", kGauge, "dl_wanted_bps", "", kMbps,
     "Download rate the law wants.", false},
    {"wanctl_rate_upload_mbps", kGauge, "ul_wanted_bps", "", kMbps, "Upload rate the law wants.",
     false},
    {"wanctl_bandwidth_mbps", kGauge, "dl_wanted_bps", kDown, kMbps, "Rate the law wants.", false},
    {"wanctl_bandwidth_mbps", kGauge, "ul_wanted_bps", kUp, kMbps, "", false},
    {"wanctl_rtt_seconds", kGauge, "rtt_us", "", kUsSec,
     "Round trip of the newest slot, absent without a reply."},
    {"wanctl_rtt_load_seconds", kGauge, "load_ns", "", kSec, "Short average of the round trip."},
    {"wanctl_rtt_baseline_seconds", kGauge, "baseline_ns", "", kSec,
     "Long average of the idle round trip."},
    {"wanctl_rtt_delta_seconds", kGauge, "delta_ns", "", kSec, "Load minus baseline."},
    {"wanctl_wanted_rate_bytes_per_second", kGauge, "dl_wanted_bps", kDown, kBytes,
     "Rate the law wants."},
    {"wanctl_wanted_rate_bytes_per_second", kGauge, "ul_wanted_bps", kUp, kBytes, ""},
    {"wanctl_held_rate_bytes_per_second", kGauge, "dl_held_bps", kDown, kBytes,
     "Limit the router last confirmed, 0 for none."},
    {"wanctl_held_rate_bytes_per_second", kGauge, "ul_held_bps", kUp, kBytes, ""},
    {"wanctl_achieved_rate_bytes_per_second", kGauge, "dl_achieved_bps", kDown, kBytes,
     "Rate by the queue's byte counter."},
    {"wanctl_achieved_rate_bytes_per_second", kGauge, "ul_achieved_bps", kUp, kBytes, ""},
    {"wanctl_state", kGauge, "dl_zone", kDown, 1, "Zone: 0 GREEN, 1 YELLOW, 2 SOFT_RED, 3 RED."},
    {"wanctl_state", kGauge, "ul_zone", kUp, 1, ""},
    {"wanctl_measurement_state", kGauge, "measurement", "", 1,
     "State of the measurement: 0 none, 1 fresh, 2 blind, 3 blackout."},
    {"wanctl_sample_age_seconds", kGauge, "sample_age_ns", "", kSec,
     "Age of the newest reply at the end of the newest slot."},
    {"wanctl_slot_interval_seconds", kGauge, "interval_ns", "", kSec, "Length of a slot."},
    {"wanctl_queue_bytes_total", kCounter, "dl_queue_bytes", kDown, 1,
     "Bytes through the router's queue, as the router counts.", true, "dl_queue_age_ns"},
    {"wanctl_queue_bytes_total", kCounter, "ul_queue_bytes", kUp, 1, "", true, "ul_queue_age_ns"},
    {"wanctl_queue_packets_total", kCounter, "dl_queue_packets", kDown, 1,
     "Packets through the router's queue.", true, "dl_queue_age_ns"},
    {"wanctl_queue_packets_total", kCounter, "ul_queue_packets", kUp, 1, "", true,
     "ul_queue_age_ns"},
    {"wanctl_queue_dropped_packets_total", kCounter, "dl_queue_dropped", kDown, 1,
     "Packets the router's queue dropped.", true, "dl_queue_age_ns"},
    {"wanctl_queue_dropped_packets_total", kCounter, "ul_queue_dropped", kUp, 1, "", true,
     "ul_queue_age_ns"},
    {"wanctl_queue_depth_bytes", kGauge, "dl_queued_bytes", kDown, 1,
     "Bytes waiting in the router's queue.", true, "dl_queue_age_ns"},
    {"wanctl_queue_depth_bytes", kGauge, "ul_queued_bytes", kUp, 1, "", true, "ul_queue_age_ns"},
    {"wanctl_queue_depth_packets", kGauge, "dl_queued_packets", kDown, 1,
     "Packets waiting in the router's queue.", true, "dl_queue_age_ns"},
    {"wanctl_queue_depth_packets", kGauge, "ul_queued_packets", kUp, 1, "", true,
     "ul_queue_age_ns"},
    {"wanctl_queue_reading_age_seconds", kGauge, "dl_queue_age_ns", kDown, kSec,
     "Age of the queue's reading."},
    {"wanctl_queue_reading_age_seconds", kGauge, "ul_queue_age_ns", kUp, kSec, ""},
    {"wanctl_router_cpu_ratio", kGauge, "router_cpu_percent", "", 0.01,
     "Load of the router's processors, together."},
    {"wanctl_router_flash_sectors_total", kCounter, "router_flash_sectors", "", 1,
     "Flash sectors the router has written since it started."},
};

constexpr std::string_view kRequests = "wanctl_router_requests_total";
constexpr std::string_view kRequestsHelp =
    "Requests to the router that have ended, by what they were and how they ended.";
constexpr std::string_view kReplies = "wanctl_replies_unusable_total";

constexpr CounterRow kCounters[] = {
    {"slots", "wanctl_cycles_total"},
    {"worst_lateness_ns", "wanctl_slot_lateness_worst_seconds", "", "", true, kSec},
    {"probes_sent", "wanctl_pings_total"},
    {"replies", "wanctl_ping_replies_total"},
    {"lost", "wanctl_ping_failures_total"},
    {"duplicate", kReplies, "why=\"duplicate\"", "Replies that were counted and dropped."},
    {"late", kReplies, "why=\"late\""},
    {"foreign", kReplies, "why=\"foreign\""},
    {"malformed", kReplies, "why=\"malformed\""},
    {"send_errors", "wanctl_ping_send_errors_total"},
    {"writes_applied", kRequests, "kind=\"write\",outcome=\"applied\"", kRequestsHelp},
    {"writes_differ", kRequests, "kind=\"write\",outcome=\"differs\""},
    {"writes_refused", kRequests, "kind=\"write\",outcome=\"refused\""},
    {"writes_unreachable", kRequests, "kind=\"write\",outcome=\"unreachable\""},
    {"stats_ok", kRequests, "kind=\"statistics\",outcome=\"ok\""},
    {"stats_failed", kRequests, "kind=\"statistics\",outcome=\"failed\""},
};

void write_histograms(Exposition& out, std::span<const WanView> wans,
                      std::span<const RecordSource> sources) {
    out.family("wanctl_stage_duration_seconds", "histogram", "Duration of each stage of a slot.");
    for (std::size_t i = 0; i < wans.size(); ++i) {
        for (std::size_t stage = 0; stage < CycleTap::kStageNames; ++stage) {
            if (stage == static_cast<std::size_t>(Stage::slot_cpu)) continue;
            out.histogram("wanctl_stage_duration_seconds",
                          join(sources[i].labels.front(), label("stage", names::kStage.of(stage))),
                          wans[i].tap->stage(stage));
        }
    }
    out.family("wanctl_cycle_duration_seconds", "histogram",
               "Processor time of a whole slot, all its stages and the loop included.");
    for (std::size_t i = 0; i < wans.size(); ++i) {
        out.histogram("wanctl_cycle_duration_seconds", sources[i].labels.front(),
                      wans[i].tap->stage(static_cast<std::size_t>(Stage::slot_cpu)));
    }
    out.family("wanctl_slot_lateness_seconds", "histogram",
               "Slots opened this long after their deadline.");
    for (std::size_t i = 0; i < wans.size(); ++i) {
        out.histogram("wanctl_slot_lateness_seconds", sources[i].labels.front(),
                      wans[i].tap->lateness());
    }
}

void write_reflectors(Exposition& out, std::span<const WanView> wans,
                      std::span<const RecordSource> sources) {
    out.family("wanctl_reflector_rtt_seconds", "gauge", "Last round trip of each reflector.");
    for (std::size_t i = 0; i < wans.size(); ++i) {
        const CycleRecord* record = wans[i].tap->latest();
        if (record == nullptr || wans[i].reflectors == nullptr) continue;
        const std::size_t count = std::min<std::size_t>(wans[i].reflectors->size(), kMaxReflectors);
        for (std::size_t each = 0; each < count; ++each) {
            if (record->reflector_rtt_us[each] == kUnknownUs) continue;
            out.sample(
                "wanctl_reflector_rtt_seconds",
                join(sources[i].labels.front(), label("reflector", (*wans[i].reflectors)[each])),
                record->reflector_rtt_us[each] * kUsSec);
        }
    }
}

void write_ages(Exposition& out, const ProcessView& process, std::span<const WanView> wans,
                std::span<const RecordSource> sources) {
    out.family("wanctl_record_age_seconds", "gauge", "Age of the newest record.");
    for (std::size_t i = 0; i < wans.size(); ++i) {
        const CycleRecord* record = wans[i].tap->latest();
        if (record == nullptr) continue;
        const Nanos age = process.now.time_since_epoch() - Nanos(record->mono_ns);
        out.sample("wanctl_record_age_seconds", sources[i].labels.front(), to_seconds(age));
    }
    out.family("wanctl_write_pending", "gauge",
               "1 while the router does not hold what the law wants.");
    for (std::size_t i = 0; i < wans.size(); ++i) {
        const CycleRecord* record = wans[i].tap->latest();
        if (record == nullptr) continue;
        out.sample("wanctl_write_pending", sources[i].labels.front(),
                   (record->flags & kFlagWritePending) != 0 ? 1 : 0);
    }
}

}  // namespace

AutorateMetrics::AutorateMetrics() : rows_(cycle_fields(), kRows) {}

std::string AutorateMetrics::text(const ProcessView& process, std::span<const WanView> wans,
                                  const HttpFigures& http, Names names) const {
    std::vector<RecordSource> sources;
    std::vector<LabelledRouter> routers;
    std::vector<LabelledAlerts> alerts;
    for (const WanView& wan : wans) {
        const std::string labels = label("wan", wan.wan);
        sources.push_back(
            {{labels}, reinterpret_cast<const std::byte*>(wan.tap->latest()), &wan.counter});
        routers.push_back({labels, wan.tap->router()});
        alerts.push_back({labels, wan.alerts});
    }
    Exposition out;
    rows_.write(out, sources, names);
    write_ages(out, process, wans, sources);
    write_reflectors(out, wans, sources);
    write_routers(out, routers);
    write_alerts(out, alerts);
    write_counters(out, cycle_counters(), kCounters, sources);
    write_histograms(out, wans, sources);
    write_process(out, process, http);
    return std::move(out).take();
}

}  // namespace wanctl::metrics
