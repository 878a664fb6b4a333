#include "autorate/probe/check_targets.hpp"

#include <fmt/format.h>

#include "autorate/probe/tcp_offset.hpp"
#include "common/host_name.hpp"

namespace wanctl::probe {

namespace {

std::optional<CheckTarget> target_at(std::string_view host, std::uint16_t port) {
    CheckTarget target{std::string(host), parse_ip(host), port};
    const bool fits = target.address ? is_unicast(*target.address) : is_name_of_host(host);
    if (!fits) return std::nullopt;
    return target;
}

std::optional<CheckTarget> parse_tcp(const std::string& text) {
    const auto parts = split_host_port(text);
    if (!parts) return std::nullopt;
    return target_at(parts->host, parts->port);
}

}  // namespace

Result<CheckTargets> parse_targets(const FallbackConfig& config) {
    CheckTargets targets;
    if (!config.gateway.empty()) {
        targets.gateway = target_at(config.gateway, 0);
        if (!targets.gateway) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.fallback.gateway: \"{}\" is neither an IP address nor "
                                    "a host name",
                                    config.gateway));
        }
    }
    if (config.tcp_targets.size() > kMaxTcpTargets) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("probe.fallback.tcp_targets: {} given, at most {} are allowed",
                                config.tcp_targets.size(), kMaxTcpTargets));
    }
    for (const std::string& text : config.tcp_targets) {
        const auto target = parse_tcp(text);
        if (!target) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.fallback.tcp_targets: \"{}\" is not host:port, such as "
                                    "\"1.1.1.1:443\" or \"[2606:4700:4700::1111]:443\"",
                                    text));
        }
        targets.tcp.push_back(*target);
    }
    return targets;
}

}  // namespace wanctl::probe
