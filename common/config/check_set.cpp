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

bool equal(const SecretRef& a, const SecretRef& b) {
    return a.source == b.source && a.name == b.name;
}

// They share one connection, so they must mean the same by it.
void check_login(const File& a, const File& b, ConfigErrors& errors) {
    struct Login {
        const std::string& user;
        const SecretRef& secret;
    };
    const RouterConfig& mine = b.config.router;
    const RouterConfig& other = a.config.router;
    const bool same_manner = mine.ca_file == other.ca_file && mine.verify == other.verify &&
                             mine.pinned_public_key == other.pinned_public_key &&
                             mine.connect_timeout == other.connect_timeout &&
                             mine.request_timeout == other.request_timeout;
    for (const Login& x :
         {Login{mine.user, mine.password}, Login{mine.stats_user, mine.stats_password}}) {
        for (const Login& y :
             {Login{other.user, other.password}, Login{other.stats_user, other.stats_password}}) {
            if (x.user.empty() || x.user != y.user) continue;
            if (same_manner && equal(x.secret, y.secret)) continue;
            const GivenSection* given = b.given("router");
            errors.push_back(
                {b.config.file, given == nullptr ? ConfigPosition{1, 1} : given->at, "router",
                 fmt::format("user \"{}\" of the same router is also in {}, which differs in its "
                             "password, certificate or timeouts, allowed: the same in both",
                             x.user, a.config.file)});
            return;
        }
    }
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
    const HistoryConfig& history = b.config.history;
    if (history.enabled && a.config.history.enabled && history.path == a.config.history.path) {
        error("history.path", at("history"),
              fmt::format("\"{}\" is also the database of {}, allowed: a file of its own",
                          history.path, a.config.file));
    }
    if (a.config.router.url != b.config.router.url) return;
    check_login(a, b, errors);
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

tl::expected<std::vector<File>, ConfigErrors> load_autorate_set(
    const std::vector<std::string>& paths) {
    std::vector<File> files;
    ConfigErrors errors;
    for (const std::string& path : paths) {
        auto file = load_autorate(path);
        if (file)
            files.push_back(std::move(*file));
        else
            errors.insert(errors.end(), file.error().begin(), file.error().end());
    }
    if (errors.empty()) errors = check_set(files);
    if (!errors.empty()) return tl::unexpected<ConfigErrors>(std::move(errors));
    return files;
}

}  // namespace wanctl
