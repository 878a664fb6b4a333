#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

struct Bent {
    std::string from;
    std::string to;
    std::string error;  // the whole first line, without the file's name
};

struct Added {
    std::string text;  // after the sample, whose last line is 22
    std::string error;
};

}  // namespace

TEST_CASE("every wrong value is named with its place, what is wrong and what is allowed") {
    const std::vector<Bent> cases{
        {"wan = \"cable\"", "wan = \"Cable 1\"",
         "1:7: wan: does not fit, allowed: 1 to 31 of a-z 0-9 _ -, and not \"steering\""},
        {"wan = \"cable\"", "wan = \"steering\"",
         "1:7: wan: does not fit, allowed: 1 to 31 of a-z 0-9 _ -, and not \"steering\""},
        {"wan = \"cable\"", "wan = 5",
         "1:7: wan: is a whole number, allowed: text in double quotes"},
        {"wan = \"cable\"", "interval_ms = 3\nwan = \"cable\"",
         "1:15: interval_ms: 3 is out of range, allowed: a whole number from 5 to 2000 ms"},
        {"wan = \"cable\"", "interval_ms = 50.0\nwan = \"cable\"",
         "1:15: interval_ms: is a number with decimals, allowed: a whole number from 5 to 2000 ms"},
        {"wan = \"cable\"", "interval_ms = 2026-11-21\nwan = \"cable\"",
         "1:15: interval_ms: is a date or time, allowed: a whole number from 5 to 2000 ms"},
        {"wan = \"cable\"", "law = \"adaptive\"\nwan = \"cable\"",
         "1:7: law: \"adaptive\" is not available in this version, allowed: \"reference\""},
        {"wan = \"cable\"", "compat = \"1.9\"\nwan = \"cable\"",
         "1:10: compat: \"1.9\" is not known, allowed: one of \"none\", \"v1.9\""},
        {"initial_ms = 25.0", "initial_ms = nan",
         "12:14: baseline.initial_ms: is not a finite number, allowed: a number from 0.01 to 2000 "
         "ms"},
        {"initial_ms = 25.0", "initial_ms = -inf",
         "12:14: baseline.initial_ms: is not a finite number, allowed: a number from 0.01 to 2000 "
         "ms"},
        {"initial_ms = 25.0", "initial_ms = 0",
         "12:14: baseline.initial_ms: 0 is out of range, allowed: a number from 0.01 to 2000 ms"},
        {"initial_ms = 25.0", "initial_ms = 25\nmin_ms = 25",
         "13:10: baseline.min_ms: min_ms = 25 is not below initial_ms = 25, allowed: min_ms < "
         "initial_ms < max_ms"},
        {"upload = \"up\"", "upload = \"down\"",
         "8:10: queues.upload: is the same queue as download, allowed: two different queues"},
        {"download = \"down\"\n", "",
         "6:1: queues.download: is required, allowed: text in double quotes (exact name in "
         "/queue/tree)"},
        {"\"8.8.8.8\"", "\"8.8.8.800\"",
         "10:14: probe.reflectors: entry 2, \"8.8.8.800\", is neither an IP address of a host nor "
         "a host name, allowed: e.g. \"1.1.1.1\" or \"2606:4700:4700::1111\""},
        {"\"8.8.8.8\"", "\"1.1.1.1\"",
         "10:14: probe.reflectors: entry 2, \"1.1.1.1\", stands there twice, allowed: different "
         "addresses"},
        {"\"8.8.8.8\"", "8",
         "10:14: probe.reflectors: entry 2 is a whole number, allowed: a list of texts, [\"...\", "
         "\"...\"]"},
        {"[\"1.1.1.1\", \"8.8.8.8\", \"9.9.9.9\"]", "[]",
         "10:14: probe.reflectors: has 0 addresses, allowed: 1 to 16"},
        {"[probe]", "[probe]\n  source_address = \"2001:db8::7\"",
         "10:20: probe.source_address: is IPv6 while every reflector is IPv4, allowed: an IPv4 "
         "address, or an IPv6 reflector"},
        {"[probe]", "[probe]\nsource_address = \"2001:db8::g\"",
         "10:18: probe.source_address: does not fit, allowed: an IPv4 or IPv6 address of this "
         "host, or \"\""},
        {"red = 200.0", "red = 300.0",
         "15:14: download.floor_mbps: red is 300 Mbit/s, above soft_red with 275 Mbit/s, allowed: "
         "floors that do not fall from red to green, none above ceiling_mbps"},
        {"green = 550.0", "green = 950.0",
         "15:14: download.floor_mbps: green is 950 Mbit/s, above ceiling_mbps with 940 Mbit/s, "
         "allowed: floors that do not fall from red to green, none above ceiling_mbps"},
        {", red = 200.0", "",
         "15:14: download.floor_mbps: has no red, allowed: a number from 0.01 to 100000 Mbit/s, or "
         "{ "
         "green = ..., yellow = ..., soft_red = ..., red = ... }"},
        {"floor_mbps = 8.0", "floor_mbps = { green = 8, soft_red = 8, yellow = 8, red = 8 }",
         "20:14: upload.floor_mbps: has a key that is not a zone of this direction, allowed: a "
         "number "
         "from 0.01 to 100000 Mbit/s, or { green = ..., yellow = ..., red = ... }"},
        {"floor_mbps = 8.0", "floor_mbps = { green = \"8\", yellow = 8, red = 8 }",
         "20:14: upload.floor_mbps: green: is text, allowed: a number from 0.01 to 100000 Mbit/s, "
         "or { "
         "green = ..., yellow = ..., red = ... }"},
        {"floor_mbps = 8.0", "floor_mbps = 39",
         "20:14: upload.floor_mbps: green is 39 Mbit/s, above ceiling_mbps with 38 Mbit/s, "
         "allowed: "
         "floors that do not fall from red to green, none above ceiling_mbps"},
        {"factor_down = 0.85", "factor_down = 1.5",
         "17:15: download.factor_down: 1.5 is out of range, allowed: a number from 0.1 to 1"},
        {"password_env = \"PW\"", "",
         "2:1: router.password_file: is required, allowed: exactly one of password_file = "
         "\"/path\", "
         "password_env = \"NAME\" or credential = \"NAME\" (systemd)"},
        {"password_env = \"PW\"", "password_env = \"PW\"\npassword_file = \"/p\"",
         "router.password_env: is a second source of the same secret"},
        {"password_env = \"PW\"", "password_file = \"p\"",
         "5:17: router.password_file: does not fit (its value is not shown), allowed: an absolute "
         "path"},
        {"user = \"wanctl\"", "user = \"wanctl\"\nstats_user = \"s\"",
         "router.stats_password_file: is required, allowed: exactly one of stats_password_file"},
        {"user = \"wanctl\"", "user = \"wanctl\"\nstats_credential = \"s\"",
         "router.stats_user: is required with a password of its own"},
        {"user = \"wanctl\"", "user = \"\"", "4:8: router.user: is empty"},
        {"user = \"wanctl\"", "user = \"w\"\npinned_public_key = \"sha1//x\"",
         "5:21: router.pinned_public_key: does not fit"},
        {"user = \"wanctl\"", "user = \"w\"\nverify = false\nca_file = \"/ca.pem\"",
         "5:10: router.verify: is false, but ca_file or pinned_public_key is set"},
        {"user = \"wanctl\"", "user = \"w\"\nca_file = \"ca.pem\"",
         "5:11: router.ca_file: is not an absolute path"},
    };
    for (const Bent& bent : cases) {
        const std::string errors = errors_of(replaced(kSample, bent.from, bent.to));
        INFO(bent.to << "\n" << errors);
        CHECK(errors.find(bent.error) != std::string::npos);
    }
}

TEST_CASE("an IPv6 source goes with any reflector that may be reached by IPv6") {
    const std::string text =
        replaced(kSample, "[probe]", "[probe]\nsource_address = \"2001:db8::7\"");
    for (const std::string other : {"2001:db8::1", "dns.example"}) {
        INFO(other);
        CHECK(errors_of(replaced(text, "8.8.8.8", other)).empty());
    }
    // One fault, one error: a reflector that is none says nothing of families.
    CHECK(errors_of(replaced(text, "8.8.8.8", "8.8.8.")).find("source_address") ==
          std::string::npos);
}

TEST_CASE("targets of the fallback are hosts of any kind with a port") {
    const auto with = [](const std::string& target) {
        return errors_of(kSample + "[probe.fallback]\ntcp_targets = [\"" + target + "\"]\n");
    };
    for (const std::string good :
         {"198.18.0.1:443", "[2001:db8::1]:443", "dns.example:1", "one:65535"}) {
        CAPTURE(good);
        CHECK(with(good).empty());
    }
    for (const std::string bad :
         {"198.18.0.1", "198.18.0.1:0", "198.18.0.1:65536", "198.18.0.1:", "198.18.0.1:44 3",
          "198.18.0.1:+443", "198.18.0:443", "[198.18.0.1]:443", "[dns.example]:443",
          "2001:db8::1:443", "[2001:db8::1]", "[2001:db8::1]443", "[fe80::1]:443", "[::]:443",
          ":443", "[]:443", "-dns:443", ""}) {
        CAPTURE(bad);
        CHECK(with(bad).find("entry 1, \"" + bad + "\", does not fit") != std::string::npos);
    }
}

TEST_CASE("a source that does not bind a check of the fallback is warned of, an interface is not") {
    const auto warnings = [](const std::string& probe, const std::string& fallback) {
        return messages(parsed(replaced(kSample, "[probe]", "[probe]\n" + probe) +
                               "[probe.fallback]\n" + fallback + "\n")
                            .warnings);
    };
    const std::string v4 = "source_address = \"198.18.0.7\"";
    const std::string v6_target = "tcp_targets = [\"1.1.1.1:443\", \"[2001:db8::1]:443\"]";
    const std::string told = warnings(v4, v6_target);
    CHECK(told.find("f.toml:10:18: probe.source_address: is IPv4 and does not bind the check of "
                    "2001:db8::1 in probe.fallback") == 0);
    CHECK(told.find("set probe.interface") != std::string::npos);
    CHECK(warnings(v4, "gateway = \"2001:db8::1\"").find("source_address") != std::string::npos);
    CHECK(warnings(v4, "tcp_targets = [\"1.1.1.1:443\", \"dns.example:443\"]").empty());
    CHECK(warnings(v4 + "\ninterface = \"wan0\"", v6_target).empty());
    CHECK(warnings("", v6_target).empty());
}

TEST_CASE("the bounds of the baseline are those of compat when it is asked for") {
    const std::string text = replaced(kSample, "initial_ms = 25.0", "initial_ms = 70.0");
    CHECK(errors_of(text).empty());
    CHECK(errors_of("compat = \"v1.9\"\n" + text) ==
          "f.toml:13:14: baseline.initial_ms: max_ms = 60 is not above initial_ms = 70, allowed: "
          "min_ms < initial_ms < max_ms\n");
}

TEST_CASE("router addresses that carry more than scheme, host and port are refused unseen") {
    for (const std::string url :
         {"192.168.88.1", "ftp://192.168.88.1", "https://", "https://a/", "https://a/rest",
          "https://u:hunter2@a", "https://a:0", "https://a:65536", "https://a:", "https://a:x",
          "https://[::1", "https://[zz]", "https://a b", "https://a?x", "HTTPS://a", ""}) {
        const std::string errors = errors_of(replaced(kSample, "https://192.168.88.1", url));
        INFO(url << "\n" << errors);
        CHECK(errors.find("f.toml:3:7: router.url: does not fit (its value is not shown)") == 0);
        CHECK(errors.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("what is added beside the sample is refused when this version cannot do it") {
    const std::vector<Added> cases{
        {"[history]\npath = \"cable.db\"", "24:8: history.path: is not an absolute path"},
        {"[profile]\nreport = true", "24:10: profile.report: is not available in this version"},
        {"[probe.fallback]\nmode = \"use_last_rtt\"",
         "24:8: probe.fallback.mode: \"use_last_rtt\""},
        {"[probe.fallback]\ntcp_targets = [\"one.one:443\", \"2001:db8::1:443\"]",
         "24:15: probe.fallback.tcp_targets: entry 2, \"2001:db8::1:443\", does not fit, allowed: "
         "host:port, e.g. \"1.1.1.1:443\", \"[2606:4700:4700::1111]:443\" or "},
        {"[probe.fallback]\ngateway = \"fe80::1\"",
         "24:11: probe.fallback.gateway: does not fit, allowed: an IPv4 address, an IPv6 address "
         "that is not link-local, a host name, or \"\""},
        {"[thresholds]\nwarn_ms = 10.0",
         "24:11: thresholds.warn_ms: warn_ms = 10 is not above target_ms = 15, allowed: target_ms "
         "< "
         "warn_ms < hard_red_ms"},
        {"[thresholds]\nwarn_ms = 80.0",
         "24:11: thresholds.warn_ms: hard_red_ms = 80 is not above warn_ms = 80"},
        {"[reference]\ndeadband_ms = 8.0",
         "24:15: reference.deadband_ms: 8 is more than half of target_ms, allowed: at most 7.5 ms"},
        {"[state]\ndir = \"state\"", "24:7: state.dir: is not an absolute path"},
        {"[log]\nlevel = \"loud\"", "24:9: log.level: \"loud\" is not known, allowed: one of"},
    };
    for (const Added& added : cases) {
        const std::string errors = errors_of(kSample + added.text + "\n");
        INFO(added.text << "\n" << errors);
        CHECK(errors.find("f.toml:" + added.error) == 0);
        CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
    }
}

TEST_CASE("an unknown key or section is an error that names the nearest known one") {
    const std::vector<Added> cases{
        {"[queue]", "23:2: queue: unknown section, did you mean [queues]?"},
        {"[router.tls]\nx = 1", "router.tls: unknown section"},
        {"[load]\ntime_constants_s = 1",
         "24:1: load.time_constants_s: unknown key, did you mean "
         "time_constant_s?"},
        {"[load]\ntarget_ms = 1",
         "24:1: load.target_ms: unknown key, did you mean [thresholds] target_ms?"},
        {"[load]\ninterval_ms = 1",
         "24:1: load.interval_ms: unknown key, did you mean interval_ms at the top of the file?"},
        {"[load]\nzzzzzzzzzzzz = 1",
         "24:1: load.zzzzzzzzzzzz: unknown key, see --print-config-reference"},
        {"[sink]\nx = 1", "24:1: sink.x: is not a section, allowed: [sink.NAME]"},
        {"[alert]\ntype = \"x\"", "23:2: alert: is not a list of sections, allowed: [[alert]]"},
        {"[[log]]", "23:3: log: is not a section, allowed: [log]"},
    };
    for (const Added& added : cases) {
        const std::string errors = errors_of(kSample + added.text + "\n");
        INFO(added.text << "\n" << errors);
        CHECK(errors.find(added.error) != std::string::npos);
    }
}

TEST_CASE("all errors of a file come at once, in the order of the file") {
    std::string text = replaced(kSample, "wan = \"cable\"", "wan = \"UP\"\ninterval_ms = 1");
    text = replaced(text, "user = \"wanctl\"", "usr = \"wanctl\"");
    text = replaced(text, "factor_down = 0.90", "factor_down = \"0.90\"");
    const ParsedAutorate result = parse_autorate(text, "f.toml");
    REQUIRE_FALSE(result);
    std::vector<std::string> keys;
    for (const ConfigError& error : result.error()) keys.push_back(error.key);
    CHECK(keys == std::vector<std::string>{"wan", "interval_ms", "router.user", "router.usr",
                                           "upload.factor_down"});
}

TEST_CASE("an empty file names every required key") {
    for (const std::string text : {"", "\n\n", "# nothing\n"}) {
        const std::string errors = errors_of(text);
        INFO(errors);
        CHECK(std::count(errors.begin(), errors.end(), '\n') == 16);
        for (const std::string key :
             {"wan", "router.url", "router.user", "router.password_file", "queues.download",
              "queues.upload", "probe.reflectors", "baseline.initial_ms", "download.ceiling_mbps",
              "upload.factor_down"}) {
            CHECK(errors.find("f.toml:1:1: " + key + ": is required") != std::string::npos);
        }
    }
}

TEST_CASE("text that is no TOML is refused with its place") {
    const std::vector<Added> cases{
        {"[load]\ntime_constant_s = 1\ntime_constant_s = 2\n",
         "f.toml:25:19: not valid TOML: Error while parsing key-value pair: cannot redefine "
         "existing "
         "integer 'time_constant_s'; allowed:"},
        {"[router]\n", "f.toml:23:1: not valid TOML:"},
        {"x = 99999999999999999999\n", "f.toml:23:"},
        {"x = \"open\n", "f.toml:23:10: not valid TOML:"},
        {"x = \xff\xfe\n", "f.toml:23:"},
        {"\xc3(\n", "f.toml:22:19: not valid TOML: Encountered invalid utf-8 sequence"},
        {std::string("\0", 1), "f.toml:23:"},
    };
    for (const Added& added : cases) {
        const std::string errors = errors_of(kSample + added.text);
        INFO(added.text << "\n" << errors);
        CHECK(errors.find(added.error) == 0);
        CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
    }
}

TEST_CASE("a key of very many parts ends in an error, not in a crash") {
    std::string key = "a";
    for (int part = 0; part < 200'000; ++part) key += ".a";
    for (const std::string& line : {"[" + key + "]\n", key + " = 1\n"}) {
        const auto parsed = parse_autorate(line, "c.toml");
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().front().text().starts_with("c.toml:1:1: more than 500 dots"));
    }
}

TEST_CASE("deep nesting and hostile key names end in an error, not in a crash or a forged line") {
    CHECK_FALSE(errors_of("x = " + std::string(100'000, '[')).empty());
    const std::string errors = errors_of(kSample + "[log]\n\"a\\nb\\u001b[2J\" = 1\n");
    INFO(errors);
    CHECK(errors.find("log.a\\nb\\x1b[2J: unknown key") != std::string::npos);
}

TEST_CASE("[http] says where to listen, and never beyond this machine without a token") {
    const std::vector<Added> cases{
        {"[http]\nlisten = \"9101\"", "24:10: http.listen: does not fit, allowed: an IPv4 address"},
        {"[http]\nlisten = \"localhost:9101\"", "24:10: http.listen: does not fit"},
        {"[http]\nlisten = \"127.0.0.1\"", "24:10: http.listen: does not fit"},
        {"[http]\nlisten = \"127.0.0.1:0\"", "24:10: http.listen: does not fit"},
        {"[http]\nlisten = \"127.0.0.1:65536\"", "24:10: http.listen: does not fit"},
        {"[http]\nlisten = \"::1:9101\"", "24:10: http.listen: does not fit"},
        {"[http]\nlisten = \"0.0.0.0:9101\"",
         "24:10: http.listen: can be reached from other machines and token_file is not set"},
        {"[http]\nlisten = \"[::]:9101\"",
         "24:10: http.listen: can be reached from other machines"},
        {"[http]\nlisten = \"[::ffff:127.0.0.1]:9101\"",
         "24:10: http.listen: can be reached from other machines"},
        {"[http]\nlisten = \"192.0.2.1:9101\"",
         "24:10: http.listen: can be reached from other machines"},
        {"[http]\nsocket = \"run/x\"",
         "24:10: http.socket: does not fit, allowed: an absolute path of at most 107 bytes"},
        {"[http]\nsocket = \"/" + std::string(107, 'x') + "\"", "24:10: http.socket: does not fit"},
        {"[http]\ntoken_file = \"token\"", "24:14: http.token_file: is not an absolute path"},
    };
    for (const Added& added : cases) {
        const std::string errors = errors_of(kSample + added.text + "\n");
        INFO(added.text << "\n" << errors);
        CHECK(errors.find("f.toml:" + added.error) == 0);
        CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
    }
}
