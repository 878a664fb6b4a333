#include "common/config/secret.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <sys/stat.h>

#include "common/config/file_text.hpp"
#include "common/printable.hpp"

namespace wanctl {

namespace {

constexpr std::size_t kLargestSecretFile = 65536;

// A secret of a kind, and the place it is kept in, both for messages.
struct Place {
    std::string_view what;
    std::string name;
};

Result<std::string> checked(std::string secret, const Place& place) {
    if (secret.empty()) {
        return fail(
            ErrorKind::invalid_input,
            fmt::format("{} is empty, allowed: the {} on its first line", place.name, place.what));
    }
    if (secret.find('\0') != std::string::npos) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} holds a NUL byte, allowed: text", place.name));
    }
    return secret;
}

Result<std::string> from_file(const std::string& path, const Place& place) {
    auto file = config::read_small_file(path, kLargestSecretFile);
    if (!file) {
        Error error = std::move(file.error());
        error.message = fmt::format("{} {}", place.name, error.message);
        return tl::unexpected<Error>(std::move(error));
    }
    std::string line = file->substr(0, file->find('\n'));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return checked(std::move(line), place);
}

Result<std::string> from_environment(const std::string& name, std::string_view what) {
    const Place place{what, fmt::format("environment variable {}", printable(name))};
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
        return fail(ErrorKind::not_found,
                    fmt::format("{} is not set, allowed: the {} as its value", place.name, what));
    }
    return checked(value, place);
}

Result<std::string> from_credential(const std::string& name, std::string_view what) {
    const Place place{what, fmt::format("systemd credential {}", printable(name))};
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr) {
        return fail(
            ErrorKind::not_found,
            fmt::format("{}: no CREDENTIALS_DIRECTORY, allowed: LoadCredential={}:/path in the "
                        "systemd unit",
                        place.name, printable(name)));
    }
    // The name comes checked from the configuration; anything else must not leave the directory.
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} is not a name of a credential", place.name));
    }
    return from_file(fmt::format("{}/{}", directory, name), place);
}

}  // namespace

Result<std::string> resolve_secret(const SecretRef& ref, std::string_view what) {
    switch (ref.source) {
        case SecretRef::Source::file:
            return from_file(ref.name,
                             {what, fmt::format("{} file {}", what, printable(ref.name))});
        case SecretRef::Source::environment:
            return from_environment(ref.name, what);
        case SecretRef::Source::credential:
            return from_credential(ref.name, what);
        case SecretRef::Source::none:
            break;
    }
    return fail(ErrorKind::invalid_input, fmt::format("no source of the {} is configured", what));
}

std::optional<std::string> secret_warning(const SecretRef& ref, std::string_view what) {
    if (ref.source != SecretRef::Source::file) return std::nullopt;
    struct stat status {};
    if (::stat(ref.name.c_str(), &status) != 0 || (status.st_mode & 0044U) == 0)
        return std::nullopt;
    return fmt::format("{} file {} may be read by {}; chmod {} it", what, printable(ref.name),
                       (status.st_mode & 0004U) != 0 ? "everybody" : "its group",
                       (status.st_mode & 0004U) != 0 ? "o-r,g-r" : "g-r");
}

}  // namespace wanctl
