// What keeps the daemon from starting: each has its exit code and says what to do about it.
#include <algorithm>
#include <filesystem>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_network.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// A configuration that nothing is wrong with, but nobody serves.
struct Desk {
    TempDir files;
    TomlText config;
    std::string password = "r4nd0m-t0ken-5e1f";

    Desk() {
        files.write("password", password + "\n");
        config.set("wan", toml_string(kWan))
            .set("router.url", R"("https://127.0.0.1:9")")
            .set("router.user", toml_string("wanctl"))
            .set("router.password_file", toml_string(files.file("password")))
            .set("queues.download", toml_string("d"))
            .set("queues.upload", toml_string("u"))
            .set("probe.reflectors", R"(["127.0.0.1"])");
        set_rates(config);
    }

    // The daemon is expected to end by itself.
    Ended run(std::vector<std::string> before = {}) const {
        before.insert(before.end(), {autorate_program(), "--config", file()});
        files.write("autorate.toml", config.text());
        return run_to_end(before);
    }
    [[nodiscard]] std::string file() const { return files.file("autorate.toml"); }
};

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("all errors of a configuration are told at once, each with its place: exit 78") {
    Desk desk;
    desk.config.set("interval_ms", "1")
        .set("router.uesr", toml_string("wanctl"))
        .set("download.factor_down", toml_string("fast"))
        .remove("queues.upload");
    const auto ended = desk.run();
    CHECK(ended.code == 78);
    INFO(ended.err);
    CHECK(ended.out.empty());
    CHECK(lines_in(ended.err) == 4);
    CHECK(says(ended.err, desk.file() + ":1:"));
    CHECK(says(ended.err, ": interval_ms: "));
    CHECK(says(ended.err, ": download.factor_down: "));
    CHECK(says(ended.err, "queues.upload: "));
    CHECK(says(ended.err, "router.uesr: "));
    CHECK((says(ended.err, "\"user\"") || says(ended.err, "router.user") ||
           says(ended.err, " user")));
}

TEST_CASE("a literal password is refused and its value shown nowhere: exit 78") {
    Desk desk;
    desk.config.remove("router.password_file").set("router.password", toml_string(desk.password));
    const auto ended = desk.run();
    CHECK(ended.code == 78);
    CHECK(says(ended.err, "router.password: a literal password is refused"));
    CHECK_FALSE(says(ended.err + ended.out, desk.password));
}

TEST_CASE("a configuration that is no TOML shows its place but none of its text: exit 78") {
    Desk desk;
    desk.files.write("broken.toml", "[router]\npassword = \"" + desk.password + "\n");
    const auto ended = run_to_end({autorate_program(), "--config", desk.files.file("broken.toml")});
    CHECK(ended.code == 78);
    CHECK(says(ended.err, "broken.toml:2:"));
    CHECK_FALSE(says(ended.err + ended.out, desk.password));
}

TEST_CASE("a missing password file is a configuration error: exit 78") {
    Desk desk;
    desk.config.set("router.password_file", toml_string(desk.files.file("nowhere")));
    const auto ended = desk.run();
    CHECK(ended.code == 78);
    CHECK(says(ended.err, desk.files.file("nowhere")));
}

TEST_CASE("an unknown group is a configuration error: exit 78") {
    Desk desk;
    desk.config.set("wan", toml_string("grouped")).set("shm.group", toml_string("no-such-group"));
    const auto ended = desk.run();
    CHECK(ended.code == 78);
    CHECK(says(ended.err, "no-such-group"));
    CHECK(run_wanctl({"shm", "show", "grouped"}).code == 2);
}

TEST_CASE("an address that this machine does not have cannot be measured from: exit 69") {
    Desk desk;
    desk.config.set("probe.source_address", toml_string("198.18.77.7"));
    const auto ended = desk.run();
    CHECK(ended.code == 69);
    CHECK(says(ended.err, "198.18.77.7"));
}

TEST_CASE("without any right to ICMP sockets nothing can be measured: exit 69 and the remedy") {
    REQUIRE(allow_datagram_icmp(false));
    Desk desk;
    const auto ended = desk.run({"setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"});
    CHECK(ended.code == 69);
    CHECK(says(ended.err, "net.ipv4.ping_group_range"));
    CHECK(says(ended.err, "CAP_NET_RAW"));
}

TEST_CASE("a segment's name that another's file blocks is busy: exit 75") {
    Desk desk;
    // In place of our segment stands something that is none and cannot be replaced.
    desk.config.set("wan", toml_string("blocked"));
    const std::string path = "/dev/shm/wanctl.blocked";
    std::filesystem::create_directory(path);
    const auto ended = desk.run();
    std::filesystem::remove(path);
    INFO(ended.err);
    CHECK(ended.code == 75);
}

TEST_CASE("shared memory without room is the system's failure, not the configuration's: exit 70") {
    Desk desk;
    const auto ended = desk.run({"unshare", "--mount", "sh", "-c",
                                 "mount -t tmpfs -o size=64k none /dev/shm && exec \"$@\"", "sh"});
    INFO(ended.err);
    CHECK(ended.code == 70);
}

TEST_CASE("a second instance for the same WAN leaves, and the first does not notice: exit 75") {
    AutorateRun run;
    run.start_and_settle();
    REQUIRE(wait_until([&] { return run.sim().accepted_sockets() == 2; }));
    const auto epoch = run.epoch();
    const auto second = run_to_end({autorate_program(), "--config", run.config_file()});
    CHECK(second.code == 75);
    INFO(second.err);
    CHECK(says(second.err, kWan));
    CHECK(says(second.err, std::to_string(run.daemon().pid())));
    REQUIRE(run.slots_pass(5));
    CHECK(run.epoch() == epoch);
    CHECK(run.sim().accepted_sockets() == 2);
    CHECK(run.daemon().running());
}

TEST_CASE("a command line that makes no sense is a usage error: exit 64") {
    CHECK(run_to_end({autorate_program()}).code == 64);
    CHECK(run_to_end({autorate_program(), "--konfig", "x"}).code == 64);
    CHECK(run_to_end({autorate_program(), "replay", "--input", "-"}).code == 64);
    CHECK(run_to_end({autorate_program(), "--help"}).code == 0);
    CHECK(run_to_end({autorate_program(), "--version"}).code == 0);
}
