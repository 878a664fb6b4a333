#include "shm/directory.hpp"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "shm/layout.hpp"

namespace wanctl::shm {

bool valid_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && name.size() < kWanBytes && std::ranges::all_of(name, allowed);
}

std::string object_name(std::string_view name) {
    return fmt::format("{}{}", kPrefix, name);
}

std::string object_path(std::string_view name) {
    return fmt::format("{}/{}{}", kDirectory, kPrefix, name);
}

std::string unfinished_object_name(std::string_view name) {
    return fmt::format("{}{}.new", kPrefix, name);
}

std::string lock_path(std::string_view name) {
    return fmt::format("{}/.{}{}.lock", kDirectory, kPrefix, name);
}

Result<std::vector<std::string>> list_segments() {
    const auto close = [](DIR* directory) { ::closedir(directory); };
    const std::unique_ptr<DIR, decltype(close)> directory(::opendir(kDirectory.data()), close);
    if (!directory) {
        const int code = errno;
        return fail(ErrorKind::system,
                    fmt::format("cannot list {}: {}", kDirectory, std::strerror(code)), code);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory.get())) {
        std::string_view file = entry->d_name;
        if (!file.starts_with(kPrefix)) continue;
        file.remove_prefix(kPrefix.size());
        if (valid_name(file)) names.emplace_back(file);
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace wanctl::shm
