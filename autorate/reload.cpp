#include "autorate/reload.hpp"

namespace wanctl::autorate {

Reading read_again(const std::vector<std::string>& paths) {
    Reading reading;
    auto files = load_autorate_set(paths);
    if (!files) {
        reading.errors = std::move(files.error());
        return reading;
    }
    reading.files = std::move(*files);
    for (const ConfigFile& file : reading.files) {
        auto passwords = read_passwords(file.config.router);
        if (passwords)
            reading.passwords.push_back(std::move(*passwords));
        else
            reading.errors.push_back({file.config.file, {}, "router", passwords.error().message});
    }
    return reading;
}

}  // namespace wanctl::autorate
