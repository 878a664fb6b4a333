#include "steering/reload.hpp"

#include "common/config/secret.hpp"

namespace wanctl::steering {

Reading read_again(const std::string& path) {
    Reading reading;
    auto file = load_steering(path);
    if (!file) {
        reading.errors = std::move(file.error());
        return reading;
    }
    reading.file = std::move(*file);
    auto password = resolve_secret(reading.file.config.router.password);
    if (password)
        reading.password = std::move(*password);
    else
        reading.errors.push_back({path, {}, "router", password.error().message});
    return reading;
}

}  // namespace wanctl::steering
