#include <utility>

#include "common/config/file_text.hpp"
#include "common/config/parse.hpp"
#include "common/config/rules.hpp"

namespace wanctl {

namespace {

void check_wans(config::CheckedFile& file, const SteeringConfig& config) {
    const config::CheckedSection& top = file.section("");
    bool fit = true;
    const auto check = [&](std::string_view key, const std::string& name) {
        if (!top.good({key})) {
            fit = false;
        } else if (!config::is_wan_name(name)) {
            fit = false;
            file.error(top, key,
                       "does not fit, allowed: 1 to 31 of a-z 0-9 _ -, and not \"steering\"");
        }
    };
    check("primary", config.primary);
    check("alternate", config.alternate);
    if (fit && config.primary == config.alternate) {
        file.error(top, "alternate", "is the same WAN as primary, allowed: two different WANs");
    }
}

}  // namespace

ParsedSteering parse_steering(std::string_view text, std::string name) {
    config::CheckedFile file = config::check_file(config::steering_keys(), text, std::move(name));
    if (file.sections.empty()) return tl::unexpected<ConfigErrors>(std::move(file.errors));

    SteeringConfig config;
    const config::CheckedSection& top = file.section("");
    config.file = file.file;
    config.primary = top.text("primary");
    config.alternate = top.text("alternate");
    check_wans(file, config);
    config.router = config::router_of(file);
    config.rule = config::rule_of(file);
    config.decide = config::decide_of(file);
    config.three_state = config::three_state_of(file);
    config.confidence = config::confidence_of(file);
    config.flap = config::flap_of(file);
    config.failsafe = config::failsafe_of(file);
    config.state = config::state_of(file);
    config.shm = config::shm_of(file);
    config.http = config::http_of(file);
    config.history = config::history_of(file, "steering");
    config.log = config::log_of(file);
    config.alerts = config::alerts_of(file);
    return config::finished(std::move(file), std::move(config));
}

ParsedSteering load_steering(const std::string& path) {
    auto text = config::read_small_file(path, config::kLargestConfigFile);
    if (!text) {
        return tl::unexpected<ConfigErrors>(ConfigErrors{{path, {}, "", text.error().message}});
    }
    return parse_steering(*text, path);
}

}  // namespace wanctl
