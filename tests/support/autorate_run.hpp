// wanctl-autorate at work against a simulated router and line, as a test sees it: the daemon's log,
// its ring, and what the router holds.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/record/cycle_record.hpp"
#include "common/record/states.hpp"
#include "shm/segment_reader.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/sim_process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toml_text.hpp"

namespace wanctl::test {

inline constexpr auto kWan = "e2e";
inline constexpr auto kDownloadQueue = "WAN-Download";
inline constexpr auto kUploadQueue = "WAN-Upload";

// How a program that ends by itself ended.
struct Ended {
    int code = -1;
    std::string out;
    std::string err;
};
// Throws when it does not end in time.
[[nodiscard]] Ended run_to_end(const std::vector<std::string>& command,
                               const std::map<std::string, std::string>& environment = {});
[[nodiscard]] Ended run_wanctl(const std::vector<std::string>& arguments);
// Whether the words are in the text.
[[nodiscard]] inline bool says(const std::string& text, const std::string& words) {
    return text.find(words) != text.npos;
}
[[nodiscard]] std::string autorate_program();
[[nodiscard]] std::string wanctl_program();

// A router with two users, and a line of 40/10 Mbit/s and 20 ms with `flows` bulk flows each way.
// The queues begin at the ceilings of base_config.
[[nodiscard]] SimSettings line_settings(int flows = 0);

// 20 ms, and rates from 36/9 Mbit/s down to 4/1 Mbit/s.
void set_rates(TomlText& config);

// The configuration for that router and line: 36/9 Mbit/s down to 4/1 Mbit/s, three reflectors.
[[nodiscard]] TomlText base_config(const SimProcess& sim, const std::string& stats_password_file);

// Only in the namespaces of private_namespaces.hpp. The daemon is started by start(); no ring of an
// earlier run is left for it to go on from.
class AutorateRun {
  public:
    explicit AutorateRun(const SimSettings& settings = line_settings());

    [[nodiscard]] SimProcess& sim() { return sim_; }
    [[nodiscard]] TomlText& config() { return config_; }
    [[nodiscard]] const TempDir& files() const { return files_; }

    // Writes the configuration and starts the daemon (again), with `before` in front of its command
    // line; the one before must have ended.
    void start(const std::map<std::string, std::string>& environment = {},
               std::vector<std::string> before = {});
    // start(), and waits until both queues' limits are known and a sample has arrived.
    void start_and_settle(const std::map<std::string, std::string>& environment = {});
    [[nodiscard]] std::string config_file() const { return files_.file("autorate.toml"); }
    [[nodiscard]] ChildProcess& daemon() { return *daemon_; }
    [[nodiscard]] std::string log() const { return daemon_->err(); }
    // How often the text is in the log.
    [[nodiscard]] std::size_t logged(const std::string& text) const;

    // The ring under the daemon's name as it is now.
    [[nodiscard]] std::optional<CycleRecord> newest() const;
    // All records that are still in the ring, oldest first.
    [[nodiscard]] std::vector<CycleRecord> records() const;
    [[nodiscard]] std::uint64_t counter(std::size_t index) const;
    [[nodiscard]] std::int64_t epoch() const;

    using Condition = std::function<bool(const CycleRecord&)>;
    // Waits until the newest record fulfils it; false after the deadline.
    [[nodiscard]] bool until(const Condition& condition,
                             std::chrono::milliseconds deadline = kPatience) const;
    // Waits for so many more slots.
    [[nodiscard]] bool slots_pass(std::uint64_t count) const;

    // Full and narrow until the law is far below its ceilings and the router has it, then silent:
    // nothing moves any more. Needs flows. False after the deadline.
    [[nodiscard]] bool settle_low();

    // What the router holds equals what the newest record says of both queues.
    [[nodiscard]] bool router_agrees();

  private:
    SimProcess sim_;
    TempDir files_;
    TomlText config_;
    std::unique_ptr<ChildProcess> daemon_;
};

[[nodiscard]] inline Zone zone_of(const CycleRecord& record, Direction direction) {
    return static_cast<Zone>(record.direction[static_cast<std::size_t>(direction)].zone);
}
[[nodiscard]] inline MeasurementState measurement_of(const CycleRecord& record) {
    return static_cast<MeasurementState>(record.measurement);
}
[[nodiscard]] inline RouterState router_of(const CycleRecord& record) {
    return static_cast<RouterState>(record.router_state);
}
[[nodiscard]] inline RouterState statistics_of(const CycleRecord& record) {
    return static_cast<RouterState>(record.statistics_state);
}

}  // namespace wanctl::test
