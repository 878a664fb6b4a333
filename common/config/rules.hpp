// Rules between keys, a section each. They add to the file's errors and warnings, and skip what is
// already wrong by itself.
#pragma once

#include <string_view>

#include "common/config/autorate_config.hpp"
#include "common/config/checked_file.hpp"
#include "common/config/parse.hpp"
#include "common/config/settings.hpp"

namespace wanctl::config {

// [router] of any kind of file: url, secrets by reference, certificate checks.
[[nodiscard]] RouterConfig router_of(CheckedFile& file);

[[nodiscard]] StateConfig state_of(CheckedFile& file);
[[nodiscard]] ShmConfig shm_of(CheckedFile& file);
[[nodiscard]] HttpConfig http_of(CheckedFile& file);
[[nodiscard]] LogConfig log_of(CheckedFile& file);
// `name`: of the WAN, or "steering"; the default path follows from it.
[[nodiscard]] HistoryConfig history_of(CheckedFile& file, std::string_view name);

// The rules and sinks that are right; what is not is in file.omissions.
[[nodiscard]] AlertConfig alerts_of(CheckedFile& file);

[[nodiscard]] QueuesConfig queues_of(CheckedFile& file);
[[nodiscard]] ProbeConfig probe_of(CheckedFile& file);
[[nodiscard]] FallbackConfig fallback_of(CheckedFile& file, Compat compat);
[[nodiscard]] BaselineConfig baseline_of(CheckedFile& file, Compat compat);
[[nodiscard]] ThresholdsConfig thresholds_of(CheckedFile& file);
[[nodiscard]] ReferenceConfig reference_of(CheckedFile& file, Compat compat);
[[nodiscard]] DirectionConfig direction_of(CheckedFile& file, Direction direction);
[[nodiscard]] WriteConfig write_of(CheckedFile& file);

// Every key with its value, also what nobody has set.
[[nodiscard]] std::vector<Setting> settings_of(const CheckedFile& file);
[[nodiscard]] RuleConfig rule_of(CheckedFile& file);
[[nodiscard]] DecideConfig decide_of(CheckedFile& file);
[[nodiscard]] ThreeStateConfig three_state_of(CheckedFile& file);
[[nodiscard]] ConfidenceConfig confidence_of(CheckedFile& file);
[[nodiscard]] FlapConfig flap_of(CheckedFile& file);
[[nodiscard]] FailsafeConfig failsafe_of(CheckedFile& file);

// What the parser of any kind of file returns when all rules have been looked at.
template <typename Config>
[[nodiscard]] tl::expected<Parsed<Config>, ConfigErrors> finished(CheckedFile file, Config config) {
    file.sort();
    if (!file.errors.empty()) return tl::unexpected<ConfigErrors>(std::move(file.errors));
    Parsed<Config> out{std::move(config),
                       std::move(file.warnings),
                       std::move(file.omissions),
                       {},
                       settings_of(file)};
    for (const CheckedSection& section : file.sections) {
        if (section.in_file) out.sections.push_back({section.name(), section.at});
    }
    return out;
}

// Shapes of text values.
[[nodiscard]] bool is_wan_name(std::string_view text);
[[nodiscard]] bool is_router_url(std::string_view text);
[[nodiscard]] bool is_ipv4_host(
    const std::string& text);  // one that can answer: unicast, not 0.0.0.0
// One that can answer without a zone: unicast, not link-local, not an IPv4 address in IPv6's form.
[[nodiscard]] bool is_ipv6_host(const std::string& text);
[[nodiscard]] bool is_listen_address(const std::string& text);  // "0.0.0.0:80" or "[::1]:80"
// Of a listen address: nobody on another machine reaches it.
[[nodiscard]] bool is_loopback(const std::string& listen);
// An address of either family as above, or a name.
[[nodiscard]] bool is_host(const std::string& text);
[[nodiscard]] bool is_host_port(const std::string& text);  // "192.0.2.1:443", "[2001:db8::1]:443"
[[nodiscard]] bool is_absolute_path(std::string_view text);
[[nodiscard]] bool is_environment_name(std::string_view text);
[[nodiscard]] bool is_credential_name(std::string_view text);
[[nodiscard]] bool is_pinned_key(std::string_view text);
[[nodiscard]] bool is_interface_name(std::string_view text);

}  // namespace wanctl::config
