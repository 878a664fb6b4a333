#include "tests/support/autorate_run.hpp"

#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

#include "common/record/cycle_fields.hpp"
#include "shm/directory.hpp"

namespace wanctl::test {
namespace {

using Reader = shm::SegmentReader<CycleRecord>;

std::optional<Reader> attached() {
    auto reader = Reader::attach(kWan, cycle_abi(), {});
    if (!reader) return std::nullopt;
    return std::move(*reader);
}

}  // namespace

std::string autorate_program() {
    return WANCTL_AUTORATE;
}

std::string wanctl_program() {
    return WANCTL_TOOL;
}

Ended run_to_end(const std::vector<std::string>& command,
                 const std::map<std::string, std::string>& environment) {
    ChildProcess child(command, environment);
    const auto code = child.wait(3 * kPatience);
    if (!code) throw std::runtime_error(command.front() + " does not end");
    return {*code, child.out(), child.err()};
}

Ended run_wanctl(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {wanctl_program()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_to_end(command);
}

SimSettings line_settings(int flows) {
    SimSettings settings;
    settings.users.push_back({"wanctl-stats", "read,api,rest-api", "stats-password"});
    settings.queues = {fmt::format("{}:36M", kDownloadQueue), fmt::format("{}:9M", kUploadQueue)};
    settings.more = {"--tun", "--line",
                     fmt::format("download={},upload={},capacity=40/10,base-rtt-ms=20,fifo-ms=400,"
                                 "flows-down={},flows-up={}",
                                 kDownloadQueue, kUploadQueue, flows, flows)};
    return settings;
}

void set_rates(TomlText& config) {
    config.set("baseline.initial_ms", "20.0")
        .set("download.ceiling_mbps", "36.0")
        .set("download.floor_mbps", "4.0")
        .set("download.step_up_mbps", "1.0")
        .set("download.factor_down", "0.85")
        .set("upload.ceiling_mbps", "9.0")
        .set("upload.floor_mbps", "1.0")
        .set("upload.step_up_mbps", "0.5")
        .set("upload.factor_down", "0.85");
}

TomlText base_config(const SimProcess& sim, const std::string& stats_password_file) {
    TomlText config;
    config.set("wan", toml_string(kWan))
        .set("router.url", toml_string(sim.https_url()))
        .set("router.user", toml_string("wanctl"))
        .set("router.password_file", toml_string(sim.password_file()))
        .set("router.stats_user", toml_string("wanctl-stats"))
        .set("router.stats_password_file", toml_string(stats_password_file))
        .set("router.ca_file", toml_string(sim.ca_file()))
        .set("queues.download", toml_string(kDownloadQueue))
        .set("queues.upload", toml_string(kUploadQueue))
        .set("probe.reflectors", R"(["198.18.1.1", "198.18.1.2", "198.18.1.3"])");
    set_rates(config);
    return config;
}

AutorateRun::AutorateRun(const SimSettings& settings) : sim_(settings) {
    std::remove(shm::object_path(kWan).c_str());
    files_.write("stats-password", "stats-password\n");
    config_ = base_config(sim_, files_.file("stats-password"));
    config_.set("state.dir", toml_string(files_.path().string()));
}

void AutorateRun::start(const std::map<std::string, std::string>& environment,
                        std::vector<std::string> before) {
    files_.write("autorate.toml", config_.text());
    before.insert(before.end(), {autorate_program(), "--config", config_file()});
    daemon_ = std::make_unique<ChildProcess>(before, environment);
}

void AutorateRun::start_and_settle(const std::map<std::string, std::string>& environment) {
    start(environment);
    const auto settled = [this](const CycleRecord& record) {
        return record.rtt_us != kUnknownUs && record.direction[0].held_bps != kUnknownRate &&
               record.direction[1].held_bps != kUnknownRate && daemon_->running();
    };
    if (!until(settled)) throw std::runtime_error("the daemon does not measure: " + log());
}

std::size_t AutorateRun::logged(const std::string& text) const {
    const std::string all = log();
    std::size_t count = 0;
    for (auto at = all.find(text); at != all.npos; at = all.find(text, at + 1)) ++count;
    return count;
}

std::optional<CycleRecord> AutorateRun::newest() const {
    const auto reader = attached();
    CycleRecord record;
    std::uint64_t number = 0;
    if (!reader || reader->read_newest(record, number) != shm::ReadStatus::ok) return std::nullopt;
    // Before the daemon made its own segment, its predecessor's may be there.
    if (daemon_ && reader->facts().writer_pid != daemon_->pid()) return std::nullopt;
    return record;
}

std::vector<CycleRecord> AutorateRun::records() const {
    std::vector<CycleRecord> all;
    const auto reader = attached();
    if (!reader) return all;
    auto cursor = reader->from_oldest();
    CycleRecord record;
    while (cursor.next(record).status == shm::CursorStatus::record) all.push_back(record);
    return all;
}

std::uint64_t AutorateRun::counter(std::size_t index) const {
    const auto reader = attached();
    return reader ? reader->counter(index) : 0;
}

std::int64_t AutorateRun::epoch() const {
    const auto reader = attached();
    return reader ? reader->facts().epoch_ns : 0;
}

bool AutorateRun::until(const Condition& condition, std::chrono::milliseconds deadline) const {
    return wait_until(
        [&] {
            const auto record = newest();
            return record && condition(*record);
        },
        deadline);
}

bool AutorateRun::slots_pass(std::uint64_t count) const {
    const auto before = newest();
    return before &&
           until([&](const CycleRecord& now) { return now.slot >= before->slot + count; });
}

bool AutorateRun::settle_low() {
    sim_.command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
    const auto low = [](const CycleRecord& now) {
        return now.direction[0].held_bps < 15'000'000 && now.direction[1].held_bps < 4'000'000;
    };
    if (!until(low)) return false;
    sim_.command(R"({"cmd":"blackout","on":true})");
    return until([](const CycleRecord& now) {
        return measurement_of(now) == MeasurementState::blind &&
               now.direction[0].wanted_bps == now.direction[0].held_bps &&
               now.direction[1].wanted_bps == now.direction[1].held_bps;
    });
}

bool AutorateRun::router_agrees() {
    const auto record = newest();
    return record && record->direction[0].held_bps == sim_.max_limit(kDownloadQueue) &&
           record->direction[1].held_bps == sim_.max_limit(kUploadQueue);
}

}  // namespace wanctl::test
