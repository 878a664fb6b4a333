#include <utility>

#include "common/config/file_text.hpp"
#include "common/config/parse.hpp"
#include "common/config/rules.hpp"

namespace wanctl {

ParsedAutorate parse_autorate(std::string_view text, std::string name) {
    config::CheckedFile file = config::check_file(config::autorate_keys(), text, std::move(name));
    if (file.sections.empty()) return tl::unexpected<ConfigErrors>(std::move(file.errors));

    AutorateConfig config;
    const config::CheckedSection& top = file.section("");
    config.file = file.file;
    config.wan = top.text("wan");
    if (top.good({"wan"}) && !config::is_wan_name(config.wan)) {
        file.error(top, "wan",
                   "does not fit, allowed: 1 to 31 of a-z 0-9 _ -, and not \"steering\"");
    }
    config.interval = std::chrono::milliseconds(top.integer("interval_ms"));
    config.compat = top.text("compat") == "v1.9" ? Compat::v1_9 : Compat::none;
    config.router = config::router_of(file);
    config.queues = config::queues_of(file);
    config.probe = config::probe_of(file);
    config.fallback = config::fallback_of(file, config.compat);
    config.baseline = config::baseline_of(file, config.compat);
    config.load_time_constant =
        std::chrono::duration<double>(file.section("load").number("time_constant_s"));
    config.thresholds = config::thresholds_of(file);
    config.reference = config::reference_of(file, config.compat);
    config.direction = {config::direction_of(file, Direction::download),
                        config::direction_of(file, Direction::upload)};
    config.write = config::write_of(file);
    config.state = config::state_of(file);
    config.shm = config::shm_of(file);
    config.http = config::http_of(file);
    config.history = config::history_of(file, config.wan);
    config.log = config::log_of(file);
    config.alerts = config::alerts_of(file);
    return config::finished(std::move(file), std::move(config));
}

ParsedAutorate load_autorate(const std::string& path) {
    auto text = config::read_small_file(path, config::kLargestConfigFile);
    if (!text) {
        return tl::unexpected<ConfigErrors>(ConfigErrors{{path, {}, "", text.error().message}});
    }
    return parse_autorate(*text, path);
}

}  // namespace wanctl
