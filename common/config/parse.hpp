// Configuration files to configurations: all errors of a file at once, or a value that is right in
// every key and between them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "common/config/autorate_config.hpp"
#include "common/config/config_error.hpp"
#include "common/config/settings.hpp"
#include "common/config/steering_config.hpp"

namespace wanctl {

// A section that stands in the file, whatever is in it.
struct GivenSection {
    std::string name;
    ConfigPosition at;
};

template <typename Config>
struct Parsed {
    Config config;
    ConfigErrors warnings;  // to be logged; the configuration holds nevertheless
    // Errors that leave out the alert rule or sink they stand in, to be logged as errors.
    ConfigErrors omissions;
    std::vector<GivenSection> sections;
    std::vector<Setting> settings;

    [[nodiscard]] const GivenSection* given(std::string_view name) const {
        const auto found =
            std::find_if(sections.begin(), sections.end(),
                         [&](const GivenSection& each) { return each.name == name; });
        return found == sections.end() ? nullptr : &*found;
    }
};

using ParsedAutorate = tl::expected<Parsed<AutorateConfig>, ConfigErrors>;
using ParsedSteering = tl::expected<Parsed<SteeringConfig>, ConfigErrors>;

// `file` is only for messages.
[[nodiscard]] ParsedAutorate parse_autorate(std::string_view text, std::string file);
[[nodiscard]] ParsedSteering parse_steering(std::string_view text, std::string file);

// Reads and parses. A file that is no regular file, not readable or above 1 MiB is an error too.
[[nodiscard]] ParsedAutorate load_autorate(const std::string& path);
[[nodiscard]] ParsedSteering load_steering(const std::string& path);

// What one process cannot have at once: a WAN name, a database or a queue of one router twice, two
// different [log], [shm] or [http], or one router's user with two different ways to log in. A
// section that only some files have holds for all of them: it is copied into the others. Empty when
// all is well.
[[nodiscard]] ConfigErrors check_set(std::vector<Parsed<AutorateConfig>>& files);

// All files of a process, each by itself and as a set; the errors of all of them at once.
[[nodiscard]] tl::expected<std::vector<Parsed<AutorateConfig>>, ConfigErrors> load_autorate_set(
    const std::vector<std::string>& paths);

}  // namespace wanctl
