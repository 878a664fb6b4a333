#include "tests/support/steering_run.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <regex>
#include <stdexcept>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "common/record/states.hpp"
#include "common/record/steering_fields.hpp"
#include "shm/directory.hpp"
#include "shm/segment_reader.hpp"
#include "tests/support/wait_until.hpp"

namespace wanctl::test {
namespace {

rapidjson::Document parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.c_str());
    if (document.HasParseError()) throw std::runtime_error("not JSON: " + text);
    return document;
}

}  // namespace

SteeringRun::SteeringRun(SimSettings settings)
    : sim_(std::move(settings)),
      primary_(std::make_unique<LineFeeder>(kPrimaryWan)),
      alternate_(std::make_unique<LineFeeder>(kAlternateWan)) {
    config_.set("primary", toml_string(kPrimaryWan))
        .set("alternate", toml_string(kAlternateWan))
        .set("router.url", toml_string(sim_.https_url()))
        .set("router.user", toml_string("wanctl"))
        .set("router.password_file", toml_string(sim_.password_file()))
        .set("router.ca_file", toml_string(sim_.ca_file()))
        .set("state.dir", toml_string(files_.path().string()))
        .set("rule.comment", toml_string(kSteeringRule))
        .set("confidence.sustain_s", "0.2")
        .set("confidence.recovery_sustain_s", "0.2")
        .set("confidence.hold_down_s", "0.3")
        .set("flap.max_toggles", "60")
        .set("failsafe.stale_s", "0.5")
        .set("failsafe.stale_release_s", "1.0");
    // A daemon of another case in this process is nobody's predecessor.
    std::remove(shm::object_path("steering").c_str());
}

void SteeringRun::start() {
    const std::string file = files_.write("steering.toml", config_.text());
    daemon_ =
        std::make_unique<ChildProcess>(std::vector<std::string>{WANCTL_STEERING, "--config", file});
}

void SteeringRun::start_and_settle() {
    start();
    const auto settled = [this](const SteeringRecord& record) {
        return record.rule_read != 0 && record.wan[0].seen > 0 && record.wan[1].seen > 0 &&
               record.rule_wanted != 0;
    };
    if (!until(settled)) throw std::runtime_error("the daemon does not decide: " + log());
}

bool SteeringRun::reload(const std::string& answer) {
    const std::size_t before = logged(answer);
    files_.write("steering.toml", config_.text());
    daemon_->signal(SIGHUP);
    return wait_until([&] { return logged(answer) == before + 1; });
}

std::size_t SteeringRun::logged(const std::string& text) const {
    const std::string all = log();
    std::size_t count = 0;
    for (auto at = all.find(text); at != all.npos; at = all.find(text, at + 1)) ++count;
    return count;
}

std::optional<SteeringRecord> SteeringRun::newest() const {
    const auto reader = shm::SegmentReader<SteeringRecord>::attach("steering", steering_abi(), {});
    SteeringRecord record;
    std::uint64_t number = 0;
    if (!reader || reader->read_newest(record, number) != shm::ReadStatus::ok) return std::nullopt;
    // Before the daemon made its own segment, its predecessor's may be there.
    if (reader->facts().writer_pid != daemon_->pid()) return std::nullopt;
    return record;
}

bool SteeringRun::until(const Condition& condition) const {
    return wait_until([&] {
        const auto record = newest();
        return record && condition(*record);
    });
}

bool SteeringRun::until_state(SteeringState state) const {
    return until([state](const SteeringRecord& record) {
        return record.state == static_cast<std::uint8_t>(state);
    });
}

bool SteeringRun::decisions_pass(std::uint64_t count) const {
    const auto before = newest();
    return before &&
           until([&](const SteeringRecord& now) { return now.slot >= before->slot + count; });
}

bool SteeringRun::rule_enabled() {
    const auto rules = parsed(sim_.command(R"({"cmd":"rules"})"));
    std::optional<bool> enabled;
    for (const auto& rule : rules.GetArray()) {
        if (!rule.HasMember("comment") || rule["comment"] != kSteeringRule) continue;
        if (enabled) throw std::runtime_error("several steering rules");
        enabled = !rule.HasMember("disabled") || rule["disabled"] != "true";
    }
    if (!enabled) throw std::runtime_error("no steering rule");
    return *enabled;
}

bool SteeringRun::until_rule(bool enabled) {
    return wait_until([&] { return rule_enabled() == enabled; });
}

RuleHistory SteeringRun::history() {
    const auto list = parsed(
        sim_.command(fmt::format(R"({{"cmd":"rule-history","comment":"{}"}})", kSteeringRule)));
    RuleHistory history;
    for (const auto& change : list.GetArray()) {
        history.to_enabled.push_back(change["to"].GetBool());
        history.by.emplace_back(change["by"].GetString());
    }
    return history;
}

void SteeringRun::set_rule(bool enabled) {
    sim_.command(fmt::format(R"({{"cmd":"rule-set","comment":"{}","value":"{}"}})", kSteeringRule,
                             enabled ? "false" : "true"));
}

std::string SteeringRun::configuration_without_ids() {
    return std::regex_replace(configuration(), std::regex(R"re("\.id":"[^"]*")re"), "");
}

void SteeringRun::congest_and_wait() {
    primary_->congest();
    if (!until_rule(true) || !until_state(SteeringState::degraded))
        throw std::runtime_error("steering does not begin: " + log());
}

bool SteeringRun::right(bool enabled) {
    const auto record = newest();
    const auto state =
        static_cast<std::uint8_t>(enabled ? RuleState::enabled : RuleState::disabled);
    return record && record->rule_wanted == state && record->rule_read == state &&
           record->rule_status == static_cast<std::uint8_t>(RuleStatus::ok) &&
           record->router_state == static_cast<std::uint8_t>(RouterState::ok) &&
           (record->flags & kSteeringWritePending) == 0 && rule_enabled() == enabled;
}

double SteeringRun::right_after(const std::string& what, bool enabled) {
    const auto begun = std::chrono::steady_clock::now();
    if (!wait_until([&] { return right(enabled); })) return std::numeric_limits<double>::infinity();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (!what.empty() && std::getenv("WANCTL_TELL_FAULTS") != nullptr)
        std::printf("| %s | %s | %.1f s |\n", what.c_str(), enabled ? "on" : "off", took.count());
    return took.count();
}

}  // namespace wanctl::test
