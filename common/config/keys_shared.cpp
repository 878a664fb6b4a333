// The sections that every kind of file has.
#include <array>

#include "common/config/keys.hpp"

namespace wanctl::config {

namespace {

using T = KeyType;
using P = Presence;
using A = Availability;

constexpr KeySpec kRouter[] = {
    {.key = "backend",
     .type = T::choice,
     .value = "\"routeros-rest\"",
     .choices = "routeros-rest",
     .later = "*",
     .about = "how the router is spoken to"},
    {.key = "url",
     .presence = P::required,
     .value = "\"https://192.168.88.1\"",
     .about = "scheme://host[:port] of the router, https or http, no path"},
    {.key = "user", .presence = P::required, .value = "\"wanctl\"", .about = "the router's user"},
    {.key = "password_file",
     .presence = P::one_of_required,
     .value = "\"/etc/wanctl/router.password\"",
     .about = "absolute path of a file whose first line is the password"},
    {.key = "password_env",
     .presence = P::alternative,
     .value = "\"WANCTL_PASSWORD\"",
     .about = "instead: environment variable that holds the password"},
    {.key = "credential",
     .presence = P::alternative,
     .value = "\"router-password\"",
     .about = "instead: name of the systemd credential that holds the password"},
    {.key = "password",
     .type = T::refused,
     .about = "a literal password is refused (its value is not shown), allowed: password_file = "
              "\"/path\", password_env = \"NAME\" or credential = \"NAME\" (systemd)"},
    {.key = "stats_user",
     .about = "second user for reading statistics, so that they never wait behind a write; empty: "
              "the same user"},
    {.key = "stats_password_file",
     .presence = P::alternative,
     .value = "\"/etc/wanctl/router-stats.password\"",
     .about = "the second user's password, in one of the same three ways"},
    {.key = "stats_password_env",
     .presence = P::alternative,
     .value = "\"WANCTL_STATS_PASSWORD\"",
     .about = "instead: environment variable"},
    {.key = "stats_credential",
     .presence = P::alternative,
     .value = "\"router-stats-password\"",
     .about = "instead: systemd credential"},
    {.key = "stats_password",
     .type = T::refused,
     .about =
         "a literal password is refused (its value is not shown), allowed: "
         "stats_password_file = \"/path\", stats_password_env = \"NAME\" or stats_credential = "
         "\"NAME\" (systemd)"},
    {.key = "ca_file",
     .about = "absolute path of the CA certificates to trust (PEM); empty: the system's"},
    {.key = "pinned_public_key",
     .about = "\"sha256//...\" of the router's public key; replaces chain and name check"},
    {.key = "verify",
     .type = T::boolean,
     .value = "true",
     .about = "false: the router's certificate is not checked; anyone on the way can read the "
              "password"},
    {.key = "connect_timeout_ms",
     .type = T::integer,
     .value = "3000",
     .unit = "ms",
     .min = 100,
     .max = 60000,
     .about = "how long a connection may take to come about"},
    {.key = "request_timeout_s",
     .type = T::integer,
     .value = "65",
     .unit = "s",
     .min = 1,
     .max = 600,
     .about = "when a request is given up; the router itself ends one at 60 s"},
    {.key = "exit_write_s",
     .type = T::integer,
     .value = "10",
     .unit = "s",
     .min = 0,
     .max = 60,
     .about = "how long a stop waits for its last write"},
};

constexpr KeySpec kState[] = {
    {.key = "dir",
     .value = "\"/var/lib/wanctl\"",
     .about = "absolute path of the directory for state files"},
    {.key = "save_s",
     .type = T::integer,
     .value = "60",
     .unit = "s",
     .min = 1,
     .max = 3600,
     .about = "how often changed state is saved; also at stop"},
};

constexpr KeySpec kShm[] = {
    {.key = "group",
     .about = "group that may read the ring; empty: the process's own; unknown: an error"},
    {.key = "owner", .about = "expected owner of segments that are read; empty: own user or root"},
};

constexpr KeySpec kHistory[] = {
    {.key = "enabled",
     .type = T::boolean,
     .value = "false",
     .about = "keep a database of what was measured and decided"},
    {.key = "path",
     .presence = P::derived,
     .value = "\"/var/lib/wanctl/cable.db\"",
     .about = "absolute path of the database; default /var/lib/wanctl/<wan>.db, of steering "
              "steering.db"},
    {.key = "raw_h",
     .type = T::integer,
     .value = "1",
     .unit = "h",
     .min = 1,
     .max = 720,
     .about = "how long every slot is kept, before it is part of a minute"},
    {.key = "minute_d",
     .type = T::integer,
     .value = "7",
     .unit = "d",
     .min = 1,
     .max = 3650,
     .about = "how long minutes are kept, before they are part of five minutes"},
    {.key = "five_minute_d",
     .type = T::integer,
     .value = "7",
     .unit = "d",
     .min = 1,
     .max = 3650,
     .about = "how long five minutes are kept after that, before they are part of an hour"},
    {.key = "hour_d",
     .type = T::integer,
     .value = "365",
     .unit = "d",
     .min = 1,
     .max = 36500,
     .about = "how long hours are kept after that"},
};

constexpr KeySpec kHttp[] = {
    {.key = "listen",
     .about = "address:port for health and metrics, e.g. 127.0.0.1:9101; beyond this machine only "
              "with token_file; empty: none"},
    {.key = "socket",
     .about = "absolute path of a Unix socket for the same (mode 0660); empty: none"},
    {.key = "token_file",
     .about = "absolute path of a file whose first line is the bearer token that readers must "
              "show; empty: none"},
};

constexpr KeySpec kProfile[] = {
    {.key = "window_samples",
     .type = T::integer,
     .value = "1200",
     .unit = "slots",
     .min = 10,
     .max = 1000000,
     .about = "over how many slots timing is summed up"},
    {.key = "report",
     .type = T::boolean,
     .value = "false",
     .availability = A::not_yet,
     .about = "log the timing of every window"},
};

// The types are the daemon's.
constexpr std::array<KeySpec, 6> alert_keys(std::string_view types) {
    return {{
        {.key = "type",
         .type = T::choice,
         .presence = P::required,
         .value = "\"router_lost\"",
         .choices = types,
         .about = "what it is about"},
        {.key = "severity",
         .type = T::choice,
         .value = "\"warning\"",
         .choices = "info|warning|critical",
         .about = "how it is labelled"},
        {.key = "sustain_s",
         .type = T::number,
         .value = "60",
         .unit = "s",
         .min = 0,
         .max = 86400,
         .about = "how long it must have held; 0: at once"},
        {.key = "cooldown_s",
         .type = T::number,
         .value = "300",
         .unit = "s",
         .min = 0,
         .max = 604800,
         .about = "how long after that it is not raised again; that it is over is told always"},
        {.key = "enabled",
         .type = T::boolean,
         .value = "true",
         .about = "false: as if it were absent"},
        {.key = "sinks",
         .type = T::text_list,
         .value = "[]",
         .about = "names of [sink.NAME] sections; empty: the log"},
    }};
}

constexpr auto kAutorateAlert = alert_keys(
    "congestion_download|congestion_upload|flapping_download|flapping_upload|wan_offline|"
    "reflectors_bad|baseline_drift|cycle_budget|router_lost|history_lost");
constexpr auto kSteeringAlert =
    alert_keys("steering_on|steering_refused|flapping|router_lost|history_lost");

constexpr KeySpec kSink[] = {
    {.key = "kind",
     .type = T::choice,
     .value = "\"log\"",
     .choices = "log|json|discord|ntfy",
     .about = "where alerts go: the log, a webhook of your own (JSON), one of Discord, a topic of "
              "ntfy"},
    {.key = "url_file",
     .about = "absolute path of a file whose first line is the URL; for all but the log"},
    {.key = "url",
     .type = T::refused,
     .about = "a literal URL is refused (its value is not shown), allowed: url_file = \"/path\""},
    {.key = "ca_file",
     .about = "absolute path of the CA certificates to trust (PEM); empty: the system's"},
};

constexpr KeySpec kLog[] = {
    {.key = "level",
     .type = T::choice,
     .value = "\"info\"",
     .choices = "debug|info|warning|error",
     .about = "the least important level that is logged"},
    {.key = "format",
     .type = T::choice,
     .value = "\"text\"",
     .choices = "text|json",
     .about = "text, or one JSON object per line"},
};

}  // namespace

constinit const SectionSpec kRouterSection{"router", SectionKind::table, "The router.", kRouter};
constinit const SectionSpec kStateSection{"state", SectionKind::table, "What survives a restart.",
                                          kState};
constinit const SectionSpec kShmSection{"shm", SectionKind::table, "The shared-memory ring.", kShm};
constinit const SectionSpec kHistorySection{"history", SectionKind::table, "The database.",
                                            kHistory};
constinit const SectionSpec kHttpSection{"http", SectionKind::table, "Health and metrics.", kHttp};
constinit const SectionSpec kProfileSection{"profile", SectionKind::table,
                                            "The daemon's own timing.", kProfile};
constinit const SectionSpec kAutorateAlertSection{
    "alert", SectionKind::array,
    "Alerts, one section each. A mistake in one leaves out only this one.", kAutorateAlert, true};
constinit const SectionSpec kSteeringAlertSection{
    "alert", SectionKind::array,
    "Alerts, one section each. A mistake in one leaves out only this one.", kSteeringAlert, true};
constinit const SectionSpec kSinkSection{
    "sink", SectionKind::named,
    "Where alerts go, one section each. A mistake in one leaves out only this one.", kSink, true};
constinit const SectionSpec kLogSection{"log", SectionKind::table,
                                        "The log, to stderr or journald.", kLog};

}  // namespace wanctl::config
