// Rules of the sections that every kind of file has.
#include <array>

#include <sys/un.h>

#include <fmt/format.h>

#include "common/config/rules.hpp"

namespace wanctl::config {

namespace {

using Source = SecretRef::Source;

struct Way {
    std::string_view key;
    Source source;
    bool (*fits)(std::string_view);
    std::string_view shape;
};

using Ways = std::array<Way, 3>;

constexpr Ways kPassword{{
    {"password_file", Source::file, is_absolute_path, "an absolute path"},
    {"password_env", Source::environment, is_environment_name, "a name of letters, digits and _"},
    {"credential", Source::credential, is_credential_name, "a name of letters, digits and . _ -"},
}};
constexpr Ways kStatsPassword{{
    {"stats_password_file", Source::file, is_absolute_path, "an absolute path"},
    {"stats_password_env", Source::environment, is_environment_name,
     "a name of letters, digits and _"},
    {"stats_credential", Source::credential, is_credential_name,
     "a name of letters, digits and . _ -"},
}};

std::string all_of(const Ways& ways) {
    return fmt::format("{} = \"/path\", {} = \"NAME\" or {} = \"NAME\" (systemd)", ways[0].key,
                       ways[1].key, ways[2].key);
}

// What the file gives of the three ways. `literal` is the key that would hold the secret itself: it
// has its own error, so nothing is missing beside it.
SecretRef secret_of(CheckedFile& file, const Ways& ways, std::string_view literal, bool required) {
    const CheckedSection& router = file.section("router");
    SecretRef ref;
    for (const Way& way : ways) {
        if (!router.given(way.key)) continue;
        if (ref.source != Source::none) {
            file.error(
                router, way.key,
                fmt::format("is a second source of the same secret, allowed: exactly one of {}",
                            all_of(ways)));
            continue;
        }
        ref = {way.source, router.text(way.key)};
        if (router.good({way.key}) && !way.fits(ref.name)) {
            file.error(
                router, way.key,
                fmt::format("does not fit (its value is not shown), allowed: {}", way.shape));
        }
    }
    if (required && ref.source == Source::none && !router.given(literal)) {
        file.error(router, ways[0].key, "is required, allowed: exactly one of " + all_of(ways));
    }
    return ref;
}

void check_texts(CheckedFile& file, const CheckedSection& router, const RouterConfig& config) {
    if (router.good({"url"}) && !is_router_url(config.url)) {
        file.error(router, "url",
                   "does not fit (its value is not shown), allowed: https://host[:port] or "
                   "http://host[:port], without user, path or query");
    }
    if (router.good({"user"}) && config.user.empty()) {
        file.error(router, "user", "is empty, allowed: the name of a router's user");
    }
    for (const std::string_view key : {"user", "stats_user"}) {
        if (router.text(key).find(':') != std::string::npos) {
            file.error(router, key, "holds a colon, allowed: a name without one");
        }
    }
    if (!config.ca_file.empty() && !is_absolute_path(config.ca_file)) {
        file.error(router, "ca_file", "is not an absolute path, allowed: \"/path\" or \"\"");
    }
    if (!config.pinned_public_key.empty() && !is_pinned_key(config.pinned_public_key)) {
        file.error(router, "pinned_public_key",
                   "does not fit, allowed: \"sha256//\" and 44 characters of base64, or \"\"");
    }
}

void check_trust(CheckedFile& file, const CheckedSection& router, const RouterConfig& config) {
    if (!config.ca_file.empty() && !config.pinned_public_key.empty()) {
        file.error(router, "pinned_public_key",
                   "replaces the chain that ca_file would check, allowed: only one of the two");
    }
    if (!config.verify && !(config.ca_file.empty() && config.pinned_public_key.empty())) {
        file.error(
            router, "verify",
            "is false, but ca_file or pinned_public_key is set, allowed: only one of the two");
    }
    if (config.url.rfind("http://", 0) == 0) {
        file.warn(router, "url", "is http: the password travels unencrypted; https is better");
    } else if (!config.verify) {
        file.warn(
            router, "verify",
            "is false: the router's certificate is not checked, anyone on the way can read the "
            "password; ca_file or pinned_public_key is better");
    }
}

}  // namespace

RouterConfig router_of(CheckedFile& file) {
    const CheckedSection& router = file.section("router");
    RouterConfig out;
    out.url = router.text("url");
    out.user = router.text("user");
    out.stats_user = router.text("stats_user");
    out.ca_file = router.text("ca_file");
    out.pinned_public_key = router.text("pinned_public_key");
    out.verify = router.boolean("verify");
    out.connect_timeout = std::chrono::milliseconds(router.integer("connect_timeout_ms"));
    out.request_timeout = std::chrono::seconds(router.integer("request_timeout_s"));
    out.exit_write = std::chrono::seconds(router.integer("exit_write_s"));
    check_texts(file, router, out);
    check_trust(file, router, out);
    out.password = secret_of(file, kPassword, "password", true);
    const bool second_user = !out.stats_user.empty();
    out.stats_password = secret_of(file, kStatsPassword, "stats_password", second_user);
    if (!second_user && router.good({"stats_user"}) && out.stats_password.source != Source::none) {
        file.error(router, "stats_user",
                   "is required with a password of its own, allowed: the name of a router's user");
    }
    return out;
}

StateConfig state_of(CheckedFile& file) {
    const CheckedSection& state = file.section("state");
    if (state.good({"dir"}) && !is_absolute_path(state.text("dir"))) {
        file.error(state, "dir", "is not an absolute path, allowed: \"/path\"");
    }
    return {state.text("dir"), std::chrono::seconds(state.integer("save_s"))};
}

ShmConfig shm_of(CheckedFile& file) {
    const CheckedSection& shm = file.section("shm");
    return {shm.text("group"), shm.text("owner")};
}

HttpConfig http_of(CheckedFile& file) {
    const CheckedSection& http = file.section("http");
    HttpConfig out;
    out.listen = http.text("listen");
    out.socket = http.text("socket");
    const std::string& token_file = http.text("token_file");
    if (!token_file.empty()) out.token = {Source::file, token_file};
    if (!token_file.empty() && !is_absolute_path(token_file)) {
        file.error(http, "token_file", "is not an absolute path, allowed: \"/path\" or \"\"");
    }
    if (!out.socket.empty() &&
        !(is_absolute_path(out.socket) && out.socket.size() < sizeof(sockaddr_un::sun_path))) {
        file.error(
            http, "socket",
            fmt::format("does not fit, allowed: an absolute path of at most {} bytes, or \"\"",
                        sizeof(sockaddr_un::sun_path) - 1));
    }
    if (!http.good({"listen"}) || out.listen.empty()) return out;
    if (!is_listen_address(out.listen)) {
        file.error(
            http, "listen",
            "does not fit, allowed: an IPv4 address and a port (\"127.0.0.1:9101\"), an IPv6 "
            "address in brackets and a port (\"[::1]:9101\"), or \"\"");
    } else if (!is_loopback(out.listen) && http.good({"token_file"}) && token_file.empty()) {
        file.error(
            http, "listen",
            "can be reached from other machines and token_file is not set, allowed: "
            "token_file = \"/path\", or an address of this machine alone (127.0.0.1, [::1])");
    }
    return out;
}

HistoryConfig history_of(CheckedFile& file, std::string_view name) {
    const CheckedSection& history = file.section("history");
    const auto days = [&history](std::string_view key) {
        return std::chrono::hours(24 * history.integer(key));
    };
    HistoryConfig out;
    out.enabled = history.boolean("enabled");
    out.path =
        history.given("path") ? history.text("path") : fmt::format("/var/lib/wanctl/{}.db", name);
    if (history.good({"path"}) && !is_absolute_path(out.path)) {
        file.error(history, "path", "is not an absolute path, allowed: \"/path\"");
    }
    out.raw = std::chrono::hours(history.integer("raw_h"));
    out.minute = days("minute_d");
    out.five_minute = days("five_minute_d");
    out.hour = days("hour_d");
    return out;
}

LogConfig log_of(CheckedFile& file) {
    const CheckedSection& log = file.section("log");
    LogConfig out;
    const std::string& level = log.text("level");
    out.level = level == "debug"     ? LogLevel::debug
                : level == "warning" ? LogLevel::warning
                : level == "error"   ? LogLevel::error
                                     : LogLevel::info;
    out.format = log.text("format") == "json" ? LogFormat::json : LogFormat::text;
    return out;
}

}  // namespace wanctl::config
