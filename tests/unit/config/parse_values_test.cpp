#include <fmt/format.h>

#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;
using namespace std::chrono_literals;

TEST_CASE("the smallest file gives every default that is documented") {
    const Parsed<AutorateConfig> file = parsed(kSample);
    const AutorateConfig& c = file.config;
    CHECK(file.warnings.empty());
    CHECK(c.file == "f.toml");
    CHECK(c.wan == "cable");
    CHECK(c.interval == 50ms);
    CHECK(c.compat == Compat::none);
    CHECK(c.router.url == "https://192.168.88.1");
    CHECK(c.router.password.source == SecretRef::Source::environment);
    CHECK(c.router.password.name == "PW");
    CHECK(c.router.stats_password.source == SecretRef::Source::none);
    CHECK(c.router.verify);
    CHECK(c.router.connect_timeout == 3000ms);
    CHECK(c.router.request_timeout == 65s);
    CHECK(c.router.exit_write == 10s);
    CHECK(c.queues.name[0] == "down");
    CHECK(c.queues.name[1] == "up");
    CHECK(c.queues.stats_interval == 250ms);
    CHECK(c.probe.reflectors.size() == 3);
    CHECK(c.probe.timeout == 1000ms);
    CHECK(c.probe.per_reflector_hz == 20);
    CHECK(c.fallback.mode == FallbackMode::graceful_degradation);
    CHECK(c.fallback.max == Nanos(6s));
    CHECK(c.fallback.tcp_targets == std::vector<std::string>{"1.1.1.1:443", "8.8.8.8:443"});
    CHECK(c.baseline.initial.count() == 25.0);
    CHECK(c.baseline.min.count() == 6.25);
    CHECK(c.baseline.max.count() == 100.0);
    CHECK(c.baseline.time_constant.count() == 50.0);
    CHECK(c.baseline.update_threshold.count() == 3.0);
    CHECK(c.load_time_constant.count() == 0.1);
    CHECK(c.thresholds.target.count() == 15.0);
    CHECK(c.thresholds.warn.count() == 45.0);
    CHECK(c.thresholds.hard_red.count() == 80.0);
    CHECK(c.thresholds.accel.count() == 15.0);
    CHECK(c.write.min_change.value == 0.01);
    CHECK(c.write.increase_interval == 250ms);
    CHECK(c.write.increase_burst == 20);
    CHECK(c.write.increases_per_minute == 60);
    CHECK(c.write.settle == Nanos(2s));
    CHECK(c.write.on_exit == ExitWrite::keep);
    CHECK(c.state.dir == "/var/lib/wanctl");
    CHECK(c.state.save == 60s);
    CHECK(c.log.level == LogLevel::info);
    CHECK(c.log.format == LogFormat::text);
}

TEST_CASE("the mends of the reference law are on by default") {
    const ReferenceConfig r = parsed(kSample).config.reference;
    CHECK(r.soft_red_required == 1);
    CHECK(r.accel_confirm == Nanos(150ms));
    CHECK(r.baseline_escape == Nanos(300s));
    CHECK(r.no_rise_while_congested);
    CHECK(r.first_green_by_step);
    CHECK(r.soft_red_decay == Nanos(2s));
    CHECK(r.dwell == Nanos(150ms));
    CHECK(r.deadband.count() == 3.0);
    CHECK_FALSE(r.hampel);
}

TEST_CASE("compat turns every mend off but the count of soft red samples, and fixes the bounds") {
    const Parsed<AutorateConfig> file =
        parsed("compat = \"v1.9\"\n" + kSample +
               "[reference]\nsoft_red_required = 3\nno_rise_while_congested = true\n");
    const ReferenceConfig& r = file.config.reference;
    CHECK(file.config.compat == Compat::v1_9);
    CHECK(r.soft_red_required == 3);
    CHECK(r.accel_confirm == Nanos(0));
    CHECK(r.baseline_escape == Nanos(0));
    CHECK_FALSE(r.no_rise_while_congested);
    CHECK_FALSE(r.first_green_by_step);
    CHECK(r.soft_red_decay == Nanos(0));
    CHECK(r.dwell == Nanos(0));
    CHECK(r.deadband.count() == 0.0);
    CHECK(file.config.baseline.min.count() == 10.0);
    CHECK(file.config.baseline.max.count() == 60.0);
    CHECK(messages(file.warnings).find("reference.no_rise_while_congested: is off under compat") !=
          std::string::npos);
}

TEST_CASE("rates become whole bits per second, whichever way a number is written") {
    std::string text = replaced(kSample, "ceiling_mbps = 38.0", "ceiling_mbps = 38");
    text = replaced(text, "floor_mbps = 8.0", "floor_mbps = 8.0000004");
    text = replaced(text, "step_up_mbps = 1.0", "step_up_mbps = 0.1");
    const DirectionConfig up = parsed(text).config.direction[1];
    CHECK(up.ceiling == 38_mbit);
    CHECK(up.floor.zone[0] == 8_mbit);
    CHECK(up.floor.zone[3] == 8_mbit);
    CHECK(up.step_up == Rate{100'000});
    CHECK(up.factor_down.value == 0.90);
    CHECK(up.factor_down_yellow.value == 0.94);
    CHECK(up.green_required == 5);
}

TEST_CASE("floors are told by zone, or all by one number, and soft red falls back to yellow") {
    const DirectionConfig down = parsed(kSample).config.direction[0];
    CHECK(down.floor.zone == std::array<Rate, 4>{550_mbit, 350_mbit, 275_mbit, 200_mbit});
    CHECK(down.factor_down_yellow.value == 0.96);
    const DirectionConfig without =
        parsed(replaced(kSample, "soft_red = 275.0, ", "")).config.direction[0];
    CHECK(without.floor.zone[2] == 350_mbit);
    const DirectionConfig up =
        parsed(replaced(kSample, "floor_mbps = 8.0", "floor_mbps = {green=9,yellow=8,red=7.5}"))
            .config.direction[1];
    CHECK(up.floor.zone == std::array<Rate, 4>{9_mbit, 8_mbit, 8_mbit, Rate{7'500'000}});
}

TEST_CASE("the default deadband is at most half of the target") {
    const std::string text = kSample + "[thresholds]\ntarget_ms = 3.0\nwarn_ms = 10.0\n";
    CHECK(parsed(text).config.reference.deadband.count() == 1.5);
}

TEST_CASE("use_last_rtt is accepted under compat") {
    const Parsed<AutorateConfig> file =
        parsed("compat = \"v1.9\"\n" + kSample + "[probe.fallback]\nmode = \"use_last_rtt\"\n");
    CHECK(file.config.fallback.mode == FallbackMode::use_last_rtt);
}

TEST_CASE("what a blind line falls back on and how often the state is kept can be set") {
    const Parsed<AutorateConfig> file =
        parsed(kSample +
               "[probe.fallback]\ngateway = \"198.18.0.1\"\nmax_s = 3\n"
               "[state]\nsave_s = 30\n");
    CHECK(file.config.fallback.gateway == "198.18.0.1");
    CHECK(file.config.fallback.max == Nanos(3s));
    CHECK(file.config.state.save == 30s);
    CHECK(file.warnings.empty());
}

TEST_CASE("every mend of the law can be set and switched off by itself") {
    const Parsed<AutorateConfig> set =
        parsed(kSample +
               "[reference]\naccel_confirm_s = 0.3\nbaseline_escape_s = 60\n"
               "soft_red_decay_s = 5\ndwell_s = 0.2\ndeadband_ms = 2\nhampel = true\n");
    CHECK(set.warnings.empty());
    CHECK(set.config.reference.accel_confirm == Nanos(300ms));
    CHECK(set.config.reference.baseline_escape == Nanos(60s));
    CHECK(set.config.reference.soft_red_decay == Nanos(5s));
    CHECK(set.config.reference.dwell == Nanos(200ms));
    CHECK(set.config.reference.deadband == Millis(2));
    CHECK(set.config.reference.hampel);
    const ReferenceConfig off =
        parsed(kSample +
               "[reference]\naccel_confirm_s = 0\nbaseline_escape_s = 0\nsoft_red_decay_s = 0\n"
               "dwell_s = 0\ndeadband_ms = 0\nno_rise_while_congested = false\n"
               "first_green_by_step = false\n")
            .config.reference;
    CHECK(off.accel_confirm + off.baseline_escape + off.soft_red_decay + off.dwell == Nanos(0));
    CHECK(off.deadband == Millis(0));
    CHECK_FALSE(off.no_rise_while_congested);
    CHECK_FALSE(off.first_green_by_step);
}

TEST_CASE("a mend asked for under compat is off, and the file is told") {
    const Parsed<AutorateConfig> file =
        parsed("compat = \"v1.9\"\n" + kSample + "[reference]\nhampel = true\ndwell_s = 0.2\n");
    CHECK_FALSE(file.config.reference.hampel);
    CHECK(file.config.reference.dwell == Nanos(0));
    CHECK(messages(file.warnings) ==
          "f.toml:25:10: reference.hampel: is off under compat = \"v1.9\", has no effect\n"
          "f.toml:26:11: reference.dwell_s: is off under compat = \"v1.9\", has no effect\n");
}

TEST_CASE("the baseline's bounds suit the line when the file does not name them") {
    for (const double value : {80.0, 3.0}) {
        const std::string text =
            replaced(kSample, "initial_ms = 25.0", fmt::format("initial_ms = {}", value));
        const BaselineConfig baseline = parsed(text).config.baseline;
        CHECK(baseline.min == Millis(value / 4));
        CHECK(baseline.max == Millis(value * 4));
    }
}

TEST_CASE("a connection that protects no password is accepted with a warning") {
    const Parsed<AutorateConfig> http = parsed(replaced(kSample, "https://", "http://"));
    CHECK(messages(http.warnings).find("f.toml:3:7: router.url: is http: the password") == 0);
    const Parsed<AutorateConfig> blind =
        parsed(replaced(kSample, "user = \"wanctl\"", "user = \"wanctl\"\nverify = false"));
    CHECK(messages(blind.warnings).find("f.toml:5:10: router.verify: is false") == 0);
    CHECK_FALSE(blind.config.router.verify);
}

TEST_CASE("router addresses of every accepted shape parse") {
    for (const std::string url : {"https://router.lan", "http://192.168.88.1:8080",
                                  "https://[2001:db8::1]:8443", "https://[::1]"}) {
        CHECK(parsed(replaced(kSample, "https://192.168.88.1", url)).config.router.url == url);
    }
}

TEST_CASE("sections of later versions parse as long as they ask for nothing") {
    const std::string text = kSample +
                             "[history]\nenabled = false\nraw_h = 2\n"
                             "[profile]\nwindow_samples = 100\n"
                             "[reference]\nhampel = false\n";
    CHECK(parsed(text).warnings.empty());
}

TEST_CASE("[http] is off unless it names a place, and asks for a token beyond this machine") {
    CHECK_FALSE(parsed(kSample).config.http.enabled());
    const std::string token = "[http]\ntoken_file = \"/etc/token\"\n";
    CHECK_FALSE(parsed(kSample + token).config.http.enabled());
    for (const std::string listen : {"127.0.0.1:9101", "127.1.2.3:65535", "[::1]:1"}) {
        const HttpConfig http =
            parsed(kSample + "[http]\nlisten = \"" + listen + "\"\n").config.http;
        CHECK(http.enabled());
        CHECK(http.listen == listen);
        CHECK(http.token.source == SecretRef::Source::none);
    }
    for (const std::string listen : {"0.0.0.0:9101", "192.0.2.1:9101", "[::]:9101"}) {
        const HttpConfig http =
            parsed(kSample + token + "listen = \"" + listen + "\"\n").config.http;
        CHECK(http.listen == listen);
        CHECK(http.token.name == "/etc/token");
    }
    CHECK(parsed(kSample + "[http]\nsocket = \"/" + std::string(106, 'x') + "\"\n")
              .config.http.enabled());
}
