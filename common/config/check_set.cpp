#include <fmt/format.h>

#include "common/config/parse.hpp"

namespace wanctl {

namespace {

using File = Parsed<AutorateConfig>;

bool equal(const LogConfig& a, const LogConfig& b) {
    return a.level == b.level && a.format == b.format;
}
bool equal(const ShmConfig& a, const ShmConfig& b) {
    return a.group == b.group && a.owner == b.owner;
}

template <typename Section>
void unify(std::vector<File>& files, std::string_view name, Section AutorateConfig::*section,
           ConfigErrors& errors) {
    const File* first = nullptr;
    for (const File& file : files) {
        const GivenSection* given = file.given(name);
        if (given == nullptr) continue;
        if (first == nullptr) {
            first = &file;
        } else if (!equal(first->config.*section, file.config.*section)) {
            errors.push_back(
                {file.config.file, given->at, std::string(name),
                 fmt::format("differs from that of {}, allowed: the same in both, or in "
                             "one of them only",
                             first->config.file)});
        }
    }
    if (first == nullptr) return;
    const Section value = first->config.*section;
    for (File& file : files) file.config.*section = value;
}

void check_pair(const File& a, const File& b, ConfigErrors& errors) {
    const auto error = [&](std::string_view key, ConfigPosition at, std::string message) {
        errors.push_back({b.config.file, at, std::string(key), std::move(message)});
    };
    const auto at = [&](std::string_view name) {
        const GivenSection* given = b.given(name);
        return given == nullptr ? ConfigPosition{1, 1} : given->at;
    };
    if (a.config.wan == b.config.wan) {
        error("wan", {1, 1},
              fmt::format("\"{}\" is also the WAN of {}, allowed: a name of its own", b.config.wan,
                          a.config.file));
    }
    if (a.config.router.url != b.config.router.url) return;
    for (const std::string& mine : b.config.queues.name) {
        for (const std::string& other : a.config.queues.name) {
            if (mine != other) continue;
            error("queues", at("queues"),
                  fmt::format(
                      "\"{}\" is also a queue of {} on the same router, allowed: queues of its "
                      "own",
                      mine, a.config.file));
        }
    }
}

}  // namespace

ConfigErrors check_set(std::vector<File>& files) {
    ConfigErrors errors;
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) check_pair(files[j], files[i], errors);
    }
    unify(files, "log", &AutorateConfig::log, errors);
    unify(files, "shm", &AutorateConfig::shm, errors);
    return errors;
}

}  // namespace wanctl
