// The configuration of one WAN of wanctl-autorate, parsed and checked: plain values, units as
// types. Defaults stand in the table of keys (keys.hpp), not here: a value of these types that did
// not come from the parser is only for tests.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "common/config/alert_config.hpp"
#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl {

// Where a secret is found. The value itself never enters the configuration, a log or a record.
struct SecretRef {
    enum class Source { none, file, environment, credential };
    Source source = Source::none;
    std::string name;  // path, variable or systemd credential

    bool operator==(const SecretRef&) const = default;
};

struct RouterConfig {
    std::string url;  // scheme://host[:port], no path
    std::string user;
    SecretRef password;
    std::string stats_user;  // empty: polling shares `user`
    SecretRef stats_password;
    std::string ca_file;
    std::string pinned_public_key;  // "sha256//...", replaces chain and name check
    bool verify = true;
    std::chrono::milliseconds connect_timeout{3000};
    std::chrono::seconds request_timeout{65};
    std::chrono::seconds exit_write{10};
};

struct QueuesConfig {
    std::array<std::string, 2> name;  // [Direction], exact names in /queue/tree
    std::chrono::milliseconds stats_interval{250};
};

struct ProbeConfig {
    std::vector<std::string> reflectors;  // IP addresses or names, 1..kMaxReflectors
    std::string source_address;
    std::string interface;
    std::chrono::milliseconds timeout{1000};
    int per_reflector_hz = 20;
};

enum class FallbackMode { graceful_degradation, freeze, use_last_rtt };

struct FallbackConfig {
    std::string gateway;
    std::vector<std::string> tcp_targets;
    FallbackMode mode = FallbackMode::graceful_degradation;
    Nanos max{std::chrono::seconds(6)};
};

struct BaselineConfig {
    Millis initial{};
    std::chrono::duration<double> time_constant{50.0};
    Millis update_threshold{3.0};
    Millis min{};
    Millis max{};
};

struct ThresholdsConfig {
    Millis target{15.0};
    Millis warn{45.0};
    Millis hard_red{80.0};
    Millis accel{15.0};
};

// What mends the reference law. Under compat = "v1.9" the parser sets all of it to "off".
struct ReferenceConfig {
    int soft_red_required = 1;
    Nanos accel_confirm{};
    Nanos baseline_escape{};  // 0: off
    bool no_rise_while_congested = false;
    bool first_green_by_step = false;
    Nanos soft_red_decay{};  // 0: off
    Nanos dwell{};           // 0: off
    Millis deadband{};       // 0: off
    bool hampel = false;
};

struct FloorsConfig {
    std::array<Rate, 4> zone;  // [Zone]; upload's soft_red equals its yellow and is not used
};

struct DirectionConfig {
    Rate ceiling;
    FloorsConfig floor;
    Rate step_up;              // per 50 ms, as the reference states it
    Ratio factor_down;         // per 50 ms
    Ratio factor_down_yellow;  // per 50 ms
    int green_required = 5;    // samples of 50 ms
};

enum class ExitWrite { keep, ceiling };

struct WriteConfig {
    Ratio min_change{0.01};
    std::chrono::milliseconds increase_interval{250};
    int increase_burst = 20;
    int increases_per_minute = 60;
    Nanos settle{std::chrono::seconds(2)};
    ExitWrite on_exit = ExitWrite::keep;
};

struct StateConfig {
    std::string dir;
    std::chrono::seconds save{60};
};

struct ShmConfig {
    std::string group;
    std::string owner;
};

// Health and metrics over HTTP; without `listen` and `socket` there are none.
struct HttpConfig {
    std::string listen;  // "192.0.2.1:9101" or "[2001:db8::1]:9101"; empty: none
    std::string socket;  // absolute path of a Unix socket; empty: none
    SecretRef token;     // what readers must show; Source::none: nothing

    [[nodiscard]] bool enabled() const { return !listen.empty() || !socket.empty(); }
    bool operator==(const HttpConfig&) const = default;
};

struct HistoryConfig {
    bool enabled = false;
    std::string path;
    // How long a slot is kept as such, then as part of a minute, and so on.
    std::chrono::hours raw{1};
    std::chrono::hours minute{7 * 24};
    std::chrono::hours five_minute{7 * 24};
    std::chrono::hours hour{365 * 24};

    bool operator==(const HistoryConfig&) const = default;
};

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

struct LogConfig {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
};

enum class Compat { none, v1_9 };

struct AutorateConfig {
    std::string file;  // where it was read from, for messages
    std::string wan;
    std::chrono::milliseconds interval{50};
    Compat compat = Compat::none;
    RouterConfig router;
    QueuesConfig queues;
    ProbeConfig probe;
    FallbackConfig fallback;
    BaselineConfig baseline;
    std::chrono::duration<double> load_time_constant{0.1};
    ThresholdsConfig thresholds;
    ReferenceConfig reference;
    std::array<DirectionConfig, 2> direction;  // [Direction]
    WriteConfig write;
    StateConfig state;
    ShmConfig shm;
    HttpConfig http;
    AlertConfig alerts;
    HistoryConfig history;
    LogConfig log;
};

}  // namespace wanctl
