#include "common/alert/target.hpp"

#include <fmt/format.h>

#include "common/config/secret.hpp"
#include "common/printable.hpp"
#include "common/transfer/resolve.hpp"

namespace wanctl::alert {

Result<Target> read_target(const std::string& url_file) {
    auto url = resolve_secret({SecretRef::Source::file, url_file}, "URL");
    if (!url) return tl::unexpected<Error>(std::move(url.error()));
    auto resolve = transfer::resolve_entry(*url);
    if (!resolve) {
        Error error = std::move(resolve.error());
        error.message = fmt::format("URL file {}: {}", printable(url_file), error.message);
        return tl::unexpected<Error>(std::move(error));
    }
    return Target{std::move(*url), std::move(*resolve)};
}

std::optional<std::string> target_warning(const std::string& url_file, const Target& target) {
    if (auto warning = secret_warning({SecretRef::Source::file, url_file}, "URL")) return warning;
    if (target.url.rfind("https://", 0) == 0) return std::nullopt;
    return fmt::format("URL file {}: it is http, so the URL travels unencrypted; https is better",
                       printable(url_file));
}

}  // namespace wanctl::alert
