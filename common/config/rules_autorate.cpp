// Rules of the sections that only wanctl-autorate's file has.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "common/config/rules.hpp"
#include "common/host_name.hpp"
#include "common/record/cycle_record.hpp"

namespace wanctl::config {

namespace {

Rate rate_of(double mbps) {
    return Rate{std::llround(mbps * 1e6)};
}
Nanos nanos_of(double seconds) {
    return from_ms(seconds * 1e3);
}

bool empty_or_good(CheckedFile& file, const CheckedSection& section, std::string_view key,
                   bool fits, std::string_view allowed_here) {
    if (!section.good({key}) || section.text(key).empty() || fits) return true;
    file.error(section, key, fmt::format("does not fit, allowed: {}, or \"\"", allowed_here));
    return false;
}

void check_reflectors(CheckedFile& file, const CheckedSection& probe,
                      const std::vector<std::string>& reflectors) {
    if (!probe.good({"reflectors"})) return;
    if (reflectors.empty() || reflectors.size() > kMaxReflectors) {
        file.error(
            probe, "reflectors",
            fmt::format("has {} addresses, allowed: 1 to {}", reflectors.size(), kMaxReflectors));
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < reflectors.size(); ++i) {
        if (!is_host(reflectors[i])) {
            file.error(
                probe, "reflectors",
                fmt::format("entry {}, \"{}\", is neither an IP address of a host nor a host "
                            "name, allowed: e.g. \"1.1.1.1\" or \"2606:4700:4700::1111\"",
                            i + 1, reflectors[i].substr(0, 60)));
        } else if (!seen.insert(reflectors[i]).second) {
            file.error(
                probe, "reflectors",
                fmt::format("entry {}, \"{}\", stands there twice, allowed: different addresses",
                            i + 1, reflectors[i]));
        }
    }
}

void check_targets(CheckedFile& file, const CheckedSection& fallback,
                   const FallbackConfig& config) {
    empty_or_good(file, fallback, "gateway", is_host(config.gateway),
                  "an IPv4 address, an IPv6 address that is not link-local, a host name");
    if (!fallback.good({"tcp_targets"})) return;
    constexpr std::size_t kMostTargets = 8;
    if (config.tcp_targets.size() > kMostTargets) {
        file.error(fallback, "tcp_targets",
                   fmt::format("has {} targets, allowed: at most {}", config.tcp_targets.size(),
                               kMostTargets));
    }
    for (std::size_t i = 0; i < config.tcp_targets.size(); ++i) {
        if (is_host_port(config.tcp_targets[i])) continue;
        file.error(fallback, "tcp_targets",
                   fmt::format("entry {}, \"{}\", does not fit, allowed: host:port, e.g. "
                               "\"1.1.1.1:443\", \"[2606:4700:4700::1111]:443\" or "
                               "\"dns.example:443\"",
                               i + 1, config.tcp_targets[i].substr(0, 60)));
    }
}

// A source of one family lets the checks of the other leave by another line, which then answers
// for a dead one.
void warn_of_unbound(CheckedFile& file, const FallbackConfig& config) {
    const CheckedSection& probe = file.section("probe");
    if (!probe.good({"source_address", "interface"})) return;
    const std::string& source = probe.text("source_address");
    if (source.empty() || !probe.text("interface").empty()) return;
    const bool v6_source = is_ipv6_host(source);
    std::vector<std::string> hosts{config.gateway};
    for (const std::string& target : config.tcp_targets) {
        if (const auto parts = split_host_port(target)) hosts.emplace_back(parts->host);
    }
    const auto other = std::find_if(hosts.begin(), hosts.end(), [&](const std::string& host) {
        return v6_source ? is_ipv4_host(host) : is_ipv6_host(host);
    });
    if (other == hosts.end()) return;
    file.warn(probe, "source_address",
              fmt::format("is {} and does not bind the check of {} in probe.fallback, which may "
                          "leave by another line and answer for a dead one; set probe.interface, "
                          "or ask addresses of the source's family",
                          v6_source ? "IPv6" : "IPv4", *other));
}

struct Rung {
    std::string_view name;
    Rate rate;
};

// Names the first pair that is out of order.
void check_ladder(CheckedFile& file, const CheckedSection& section,
                  const std::vector<Rung>& rungs) {
    for (std::size_t i = 1; i < rungs.size(); ++i) {
        if (rungs[i - 1].rate <= rungs[i].rate) continue;
        file.error(
            section, "floor_mbps",
            fmt::format("{} is {} Mbit/s, above {} with {} Mbit/s, allowed: floors that do not "
                        "fall from red to green, none above ceiling_mbps",
                        rungs[i - 1].name, static_cast<double>(rungs[i - 1].rate.bps) / 1e6,
                        rungs[i].name, static_cast<double>(rungs[i].rate.bps) / 1e6));
    }
}

FloorsConfig floors_of(const Value& value) {
    FloorsConfig out;
    if (const auto* one = std::get_if<double>(&value.data)) {
        out.zone.fill(rate_of(*one));
    } else if (const auto* table = std::get_if<Table>(&value.data)) {
        const auto zone = [&](std::string_view name) {
            return rate_of(std::get<double>(table->find(name)->value.data));
        };
        const Rate soft_red = zone(table->find("soft_red") != nullptr ? "soft_red" : "yellow");
        out.zone = {zone("green"), zone("yellow"), soft_red, zone("red")};
    }
    return out;
}

// Under compat no mend acts: who asks for one is told.
void warn_of_mends(CheckedFile& file, const CheckedSection& section) {
    const auto warn = [&](std::string_view key, bool asked) {
        if (asked) file.warn(section, key, "is off under compat = \"v1.9\", has no effect");
    };
    for (const std::string_view key : {"no_rise_while_congested", "first_green_by_step", "hampel"})
        warn(key, section.given(key) && section.boolean(key));
    for (const std::string_view key :
         {"accel_confirm_s", "baseline_escape_s", "soft_red_decay_s", "dwell_s", "deadband_ms"})
        warn(key, section.given(key) && section.number(key) > 0);
}

}  // namespace

QueuesConfig queues_of(CheckedFile& file) {
    const CheckedSection& queues = file.section("queues");
    QueuesConfig out{{queues.text("download"), queues.text("upload")},
                     std::chrono::milliseconds(queues.integer("stats_interval_ms"))};
    for (const std::string_view key : {"download", "upload"}) {
        if (queues.good({key}) && queues.text(key).empty()) {
            file.error(queues, key, "is empty, allowed: an exact name in /queue/tree");
        }
    }
    if (queues.good({"download", "upload"}) && !out.name[0].empty() && out.name[0] == out.name[1]) {
        file.error(queues, "upload",
                   "is the same queue as download, allowed: two different queues");
    }
    return out;
}

ProbeConfig probe_of(CheckedFile& file) {
    const CheckedSection& probe = file.section("probe");
    ProbeConfig out;
    out.reflectors = probe.texts("reflectors");
    out.source_address = probe.text("source_address");
    out.interface = probe.text("interface");
    out.timeout = std::chrono::milliseconds(probe.integer("timeout_ms"));
    out.per_reflector_hz = static_cast<int>(probe.integer("per_reflector_hz"));
    check_reflectors(file, probe, out.reflectors);
    const bool v6_source = is_ipv6_host(out.source_address);
    empty_or_good(file, probe, "source_address", v6_source || is_ipv4_host(out.source_address),
                  "an IPv4 or IPv6 address of this host");
    const auto is_v4 = [](const std::string& text) { return is_ipv4_host(text); };
    if (v6_source && probe.good({"reflectors", "source_address"}) &&
        std::all_of(out.reflectors.begin(), out.reflectors.end(), is_v4)) {
        file.error(probe, "source_address",
                   "is IPv6 while every reflector is IPv4, allowed: an IPv4 address, or an IPv6 "
                   "reflector");
    }
    empty_or_good(file, probe, "interface", is_interface_name(out.interface),
                  "a network interface's name of at most 15 characters");
    return out;
}

FallbackConfig fallback_of(CheckedFile& file, Compat compat) {
    const CheckedSection& fallback = file.section("probe.fallback");
    FallbackConfig out;
    out.gateway = fallback.text("gateway");
    out.tcp_targets = fallback.texts("tcp_targets");
    const std::string& mode = fallback.text("mode");
    out.mode = mode == "freeze"         ? FallbackMode::freeze
               : mode == "use_last_rtt" ? FallbackMode::use_last_rtt
                                        : FallbackMode::graceful_degradation;
    out.max = nanos_of(fallback.number("max_s"));
    if (out.mode == FallbackMode::use_last_rtt && compat == Compat::none) {
        file.error(fallback, "mode",
                   "\"use_last_rtt\" feeds the law a value that nobody measured, allowed: "
                   "\"graceful_degradation\", \"freeze\"; this one under compat = \"v1.9\" only");
    }
    check_targets(file, fallback, out);
    warn_of_unbound(file, out);
    return out;
}

BaselineConfig baseline_of(CheckedFile& file, Compat compat) {
    const CheckedSection& baseline = file.section("baseline");
    const bool v1_9 = compat == Compat::v1_9;
    const double initial = baseline.number("initial_ms");
    const double min = baseline.given("min_ms") ? baseline.number("min_ms")
                       : v1_9                   ? 10.0
                                                : initial / 4;
    const double max = baseline.given("max_ms") ? baseline.number("max_ms")
                       : v1_9                   ? 60.0
                                                : initial * 4;
    if (baseline.good({"initial_ms", "min_ms", "max_ms"})) {
        const auto where = [&](std::string_view bound) {
            return baseline.given(bound) ? bound : std::string_view("initial_ms");
        };
        if (!(min < initial)) {
            file.error(baseline, where("min_ms"),
                       fmt::format("min_ms = {} is not below initial_ms = {}, allowed: min_ms < "
                                   "initial_ms < max_ms",
                                   min, initial));
        }
        if (!(initial < max)) {
            file.error(baseline, where("max_ms"),
                       fmt::format("max_ms = {} is not above initial_ms = {}, allowed: min_ms < "
                                   "initial_ms < max_ms",
                                   max, initial));
        }
    }
    return {Millis(initial), std::chrono::duration<double>(baseline.number("time_constant_s")),
            Millis(baseline.number("update_threshold_ms")), Millis(min), Millis(max)};
}

ThresholdsConfig thresholds_of(CheckedFile& file) {
    const CheckedSection& section = file.section("thresholds");
    const auto above = [&](std::string_view high, std::string_view low) {
        if (!section.good({high, low}) || section.number(low) < section.number(high)) return;
        const std::string_view where = section.given(high) ? high : low;
        file.error(section, where,
                   fmt::format("{} = {} is not above {} = {}, allowed: target_ms < warn_ms < "
                               "hard_red_ms",
                               high, section.number(high), low, section.number(low)));
    };
    above("warn_ms", "target_ms");
    above("hard_red_ms", "warn_ms");
    return {Millis(section.number("target_ms")), Millis(section.number("warn_ms")),
            Millis(section.number("hard_red_ms")), Millis(section.number("accel_ms"))};
}

ReferenceConfig reference_of(CheckedFile& file, Compat compat) {
    const CheckedSection& section = file.section("reference");
    const CheckedSection& thresholds = file.section("thresholds");
    ReferenceConfig out;
    out.soft_red_required = static_cast<int>(section.integer("soft_red_required"));
    const double most = thresholds.number("target_ms") / 2;
    const double deadband =
        section.given("deadband_ms") ? section.number("deadband_ms") : std::min(3.0, most);
    if (section.good({"deadband_ms"}) && thresholds.good({"target_ms"}) && deadband > most) {
        file.error(section, "deadband_ms",
                   fmt::format("{} is more than half of target_ms, allowed: at most {} ms",
                               deadband, most));
    }
    if (compat == Compat::v1_9) {
        warn_of_mends(file, section);
        return out;
    }
    out.accel_confirm = nanos_of(section.number("accel_confirm_s"));
    out.baseline_escape = nanos_of(section.number("baseline_escape_s"));
    out.no_rise_while_congested = section.boolean("no_rise_while_congested");
    out.first_green_by_step = section.boolean("first_green_by_step");
    out.soft_red_decay = nanos_of(section.number("soft_red_decay_s"));
    out.dwell = nanos_of(section.number("dwell_s"));
    out.deadband = Millis(deadband);
    out.hampel = section.boolean("hampel");
    return out;
}

DirectionConfig direction_of(CheckedFile& file, Direction direction) {
    const bool download = direction == Direction::download;
    const CheckedSection& section = file.section(download ? "download" : "upload");
    DirectionConfig out;
    out.ceiling = rate_of(section.number("ceiling_mbps"));
    out.floor = floors_of(section.find("floor_mbps").value);
    out.step_up = rate_of(section.number("step_up_mbps"));
    out.factor_down = Ratio{section.number("factor_down")};
    out.factor_down_yellow = Ratio{section.number("factor_down_yellow")};
    out.green_required = static_cast<int>(section.integer("green_required"));
    if (section.good({"floor_mbps"})) {
        const auto& zone = out.floor.zone;
        std::vector<Rung> rungs{{"red", zone[3]}};
        if (download) rungs.push_back({"soft_red", zone[2]});
        rungs.insert(rungs.end(), {{"yellow", zone[1]}, {"green", zone[0]}});
        if (section.good({"ceiling_mbps"})) rungs.push_back({"ceiling_mbps", out.ceiling});
        check_ladder(file, section, rungs);
    }
    return out;
}

WriteConfig write_of(CheckedFile& file) {
    const CheckedSection& write = file.section("write");
    WriteConfig out;
    out.min_change = Ratio{write.number("min_change_pct") / 100};
    out.increase_interval = std::chrono::milliseconds(write.integer("increase_interval_ms"));
    out.increase_burst = static_cast<int>(write.integer("increase_burst"));
    out.increases_per_minute = static_cast<int>(write.integer("increases_per_minute"));
    out.settle = nanos_of(write.number("settle_s"));
    out.on_exit = write.text("on_exit") == "ceiling" ? ExitWrite::ceiling : ExitWrite::keep;
    return out;
}

}  // namespace wanctl::config
