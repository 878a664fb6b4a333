// Several WANs in one process: each with its ring, state and name, all with one connection a login
// and one HTTP listener.
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "common/record/cycle_fields.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/notify_socket.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr auto kSecond = "second";

SimSettings two_lines() {
    SimSettings settings = line_settings(2);
    settings.queues.insert(settings.queues.end(), {"DSL-Download:36M", "DSL-Upload:9M"});
    return settings;
}

// AutorateRun's WAN, and another one of the same router and line.
class TwoWans {
  public:
    TwoWans() : run(two_lines()), second(run.config()) {
        second.set("wan", toml_string(kSecond))
            .set("queues.download", toml_string("DSL-Download"))
            .set("queues.upload", toml_string("DSL-Upload"));
    }

    [[nodiscard]] std::string second_file() const { return run.files().file("second.toml"); }
    void write() {
        run.files().write("autorate.toml", run.config().text());
        run.files().write("second.toml", second.text());
    }
    [[nodiscard]] std::vector<std::string> command() const {
        return {autorate_program(), "--config", run.config_file(), "--config", second_file()};
    }
    void start(const std::map<std::string, std::string>& environment = {}) {
        write();
        daemon = std::make_unique<ChildProcess>(command(), environment);
    }
    [[nodiscard]] static std::optional<CycleRecord> newest(const std::string& wan) {
        const auto reader = shm::SegmentReader<CycleRecord>::attach(wan, cycle_abi(), {});
        CycleRecord record;
        std::uint64_t number = 0;
        if (!reader || reader->read_newest(record, number) != shm::ReadStatus::ok)
            return std::nullopt;
        return record;
    }
    [[nodiscard]] static bool until(const std::string& wan,
                                    const AutorateRun::Condition& condition) {
        return wait_until([&] {
            const auto record = newest(wan);
            return record && condition(*record);
        });
    }
    [[nodiscard]] static bool works(const CycleRecord& record) {
        return record.fresh == 1 && router_of(record) == RouterState::ok &&
               record.queue[0].age_ns != kUnknownNs;
    }
    [[nodiscard]] bool both_work() const { return until(kWan, works) && until(kSecond, works); }

    AutorateRun run;
    TomlText second;
    std::unique_ptr<ChildProcess> daemon;
};

}  // namespace

TEST_CASE("two WANs of one router work in one process over one connection a login") {
    TwoWans two;
    two.start();
    REQUIRE(two.both_work());
    CHECK(two.run.sim().accepted_sockets() == 2);
    // One request reads the queues of both: as many as one WAN alone would make, 5 slots apart.
    const auto first = two.newest(kWan)->slot;
    const auto polls = two.run.sim().requests("POST", "wanctl-stats");
    REQUIRE(two.until(kWan, [&](const CycleRecord& now) { return now.slot >= first + 60; }));
    const auto slots = two.newest(kWan)->slot - first;
    CHECK(two.run.sim().requests("POST", "wanctl-stats") - polls <= slots / 5 + 2);
    CHECK(two.run.sim().requests("GET", "wanctl") <= 2);

    two.run.sim().command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
    const auto follow = [&two](const std::string& wan, const std::string& queue) {
        return two.until(wan, [&](const CycleRecord& now) {
            return now.direction[0].held_bps < 20'000'000 &&
                   now.direction[0].held_bps == two.run.sim().max_limit(queue);
        });
    };
    CHECK(follow(kWan, kDownloadQueue));
    CHECK(follow(kSecond, "DSL-Download"));
    CHECK(two.run.sim().accepted_sockets() == 2);

    CHECK(two.daemon->stop() == 0);
    CHECK(std::filesystem::exists(two.run.files().file("e2e.state")));
    CHECK(std::filesystem::exists(two.run.files().file("second.state")));
    for (const std::string wan : {kWan, kSecond}) {
        INFO(two.daemon->err());
        CHECK(says(two.daemon->err(), "wan=" + wan));
        CHECK((two.newest(wan)->flags & kFlagStopping) != 0);
    }
}

TEST_CASE("two WANs of one router read its load once for both, and both publish it") {
    TwoWans two;
    two.run.config().set("router.stats_user", toml_string("wanctl-stats"));
    const auto begin = std::chrono::steady_clock::now();
    two.start();
    const auto knows = [](const CycleRecord& now) {
        return now.router_cpu_percent != kUnknownPercent;
    };
    REQUIRE(two.until(kWan, knows));
    REQUIRE(two.until(kSecond, knows));
    CHECK(two.newest(kWan)->router_cpu_percent == two.newest(kSecond)->router_cpu_percent);
    // One in 5 s, however many WANs; nothing else is a GET of this user.
    const auto readings = two.run.sim().requests("GET", "wanctl-stats");
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    CHECK(readings >= 1);
    CHECK(static_cast<double>(readings) <= 1 + std::floor(passed.count() / 5));
}

TEST_CASE("systemd hears one voice of two WANs") {
    TwoWans two;
    NotifySocket systemd;
    two.start({{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "400000"}});
    CHECK(wait_until([&] { return systemd.count("READY=1") == 1; }));
    CHECK(wait_until([&] { return systemd.count("WATCHDOG=1") >= 3; }));
    CHECK(wait_until([&] {
        return systemd.count("STATUS=e2e: measuring; router ok | second: measuring; router ok") > 0;
    }));
    CHECK(systemd.count("READY=1") == 1);
}

TEST_CASE("trouble of one WAN is its own") {
    TwoWans two;
    two.second.set("queues.download", toml_string("Nowhere"));
    two.second.set("probe.reflectors", R"(["198.18.99.1"])").set("probe.fallback.max_s", "0.5");
    two.start();
    REQUIRE(two.until(kSecond, [](const CycleRecord& now) {
        return router_of(now) == RouterState::queue_missing &&
               measurement_of(now) == MeasurementState::blackout;
    }));
    CHECK(two.until(kWan, two.works));
    CHECK(two.until(kWan, [](const CycleRecord& now) { return now.slot > 40 && now.fresh == 1; }));
    CHECK(two.daemon->running());
}

TEST_CASE("one WAN that cannot start keeps all from starting, and is named by its file") {
    TwoWans two;
    two.write();
    ChildProcess alone({autorate_program(), "--config", two.second_file()});
    REQUIRE(two.until(kSecond, [](const CycleRecord& now) { return now.slot > 2; }));
    const auto ended = run_to_end(two.command());
    CHECK(ended.code == 75);
    CHECK(says(ended.err, two.second_file()));
    CHECK(says(ended.err, std::to_string(alone.pid())));
    CHECK(alone.running());

    two.second.set("router.stats_password_file", toml_string("/nowhere/pw"));
    two.second.set("router.stats_user", toml_string("another")).set("wan", toml_string("third"));
    two.write();
    CHECK(run_to_end(two.command()).code == 78);
}

TEST_CASE("files that cannot go together are refused, both named") {
    TwoWans two;
    two.second.set("wan", toml_string(kWan)).set("log.level", toml_string("debug"));
    two.run.config().set("log.level", toml_string("info"));
    two.second.set("router.password_file", toml_string("/another/password"));
    two.write();
    for (const bool check_only : {false, true}) {
        auto command = two.command();
        if (check_only) command.emplace_back("--check-config");
        const auto ended = run_to_end(command);
        INFO(ended.err);
        CHECK(ended.code == 78);
        CHECK(says(ended.err, "wan: \"e2e\" is also the WAN of " + two.run.config_file()));
        CHECK(says(ended.err, "log: differs from that of " + two.run.config_file()));
        CHECK(says(ended.err,
                   "user \"wanctl\" of the same router is also in " + two.run.config_file()));
        CHECK(says(ended.err, two.second_file() + ":"));
    }
}

TEST_CASE("SIGHUP reads all files, and one bad one keeps all as they were") {
    TwoWans two;
    two.start();
    REQUIRE(two.both_work());
    two.run.config().set("download.ceiling_mbps", "20.0");
    two.second.set("download.ceiling_mbps", "10.0").set("interval_ms", "100");
    two.write();
    two.daemon->signal(SIGHUP);
    REQUIRE(wait_until([&] { return says(two.daemon->err(), "the old one stays"); }));
    CHECK(two.newest(kWan)->direction[0].wanted_bps > 20'000'000);
    two.second.remove("interval_ms");
    two.write();
    two.daemon->signal(SIGHUP);
    CHECK(two.until(
        kWan, [](const CycleRecord& now) { return now.direction[0].wanted_bps <= 20'000'000; }));
    CHECK(two.until(
        kSecond, [](const CycleRecord& now) { return now.direction[0].wanted_bps <= 10'000'000; }));
}

TEST_CASE("two WANs in one process answer by one HTTP listener, each under its name") {
    TwoWans two;
    constexpr std::uint16_t kPort = 9105;
    for (TomlText* config : {&two.run.config(), &two.second}) {
        const std::string name = config == &two.second ? kSecond : kWan;
        config->set("http.listen", toml_string("127.0.0.1:9105"))
            .set("probe.fallback.max_s", "0.5")
            .set("history.enabled", "true")
            .set("history.path", toml_string(two.run.files().file(name + ".db")));
    }
    two.start();
    REQUIRE(two.both_work());
    REQUIRE(wait_until([&] { return http_get(kPort, "/health").status == 200; }));
    const auto json = [](const std::string& path) {
        rapidjson::Document document;
        document.Parse(http_get(kPort, path).body.c_str());
        INFO(path);
        REQUIRE(document.IsObject());
        return document;
    };
    const auto health = json("/health");
    CHECK(health["wan_count"].GetInt() == 2);
    CHECK(health["wans"][0]["name"] == kWan);
    CHECK(health["wans"][1]["name"] == kSecond);
    CHECK(json(fmt::format("/status?wan={}", kSecond))["wans"].Size() == 1);

    // A family's samples stand together, whoever's they are.
    const std::string metrics = http_get(kPort, "/metrics").body;
    for (const char* const family : {"wanctl_state", "wanctl_cycles_total", "wanctl_history_state",
                                     "wanctl_cycle_duration_seconds_count"}) {
        INFO(family);
        for (const char* const wan : {kWan, kSecond})
            CHECK(says(metrics, fmt::format("\n{}{{wan=\"{}\"", family, wan)));
    }
    const std::string head = "# TYPE wanctl_state gauge";
    CHECK(metrics.find(head) == metrics.rfind(head));

    const auto names = [&](const std::string& query) {
        std::set<std::string> found;
        const auto page =
            json("/metrics/history?range=1h&limit=10000&metrics=wanctl_state" + query);
        for (const auto& entry : page["data"].GetArray())
            found.insert(entry["wan_name"].GetString());
        return found;
    };
    CHECK(wait_until([&] { return names("") == std::set<std::string>{kWan, kSecond}; }));
    for (const char* const wan : {kWan, kSecond})
        CHECK(names(fmt::format("&wan={}", wan)) == std::set<std::string>{wan});
    const HttpAnswer stranger = http_get(kPort, "/metrics/history?wan=lte");
    CHECK(stranger.status == 404);
    CHECK(says(stranger.body, "e2e, second"));

    // One line's trouble makes the answer 503 and stands at its name alone.
    two.second.set("probe.reflectors", R"(["198.18.99.1"])");
    two.write();
    two.daemon->signal(SIGHUP);
    REQUIRE(wait_until([&] { return http_get(kPort, "/health").status == 503; }));
    const auto ill = json("/health");
    CHECK(ill["wans"][0]["condition"] == "ok");
    CHECK(ill["wans"][1]["condition"] == "blackout");
    CHECK(two.daemon->stop() == 0);
}
