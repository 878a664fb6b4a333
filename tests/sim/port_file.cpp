#include "tests/sim/port_file.hpp"

#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "tests/sim/rest/json_text.hpp"

namespace wanctl::sim {

Result<void> write_port_file(const std::string& path, const PortFile& content) {
    std::string text = fmt::format("{{\"ca_file\":{},\"control\":{}", quoted(content.ca_file),
                                   quoted(content.control));
    if (content.http_port) text += fmt::format(",\"http_port\":{}", *content.http_port);
    if (content.https_port) text += fmt::format(",\"https_port\":{}", *content.https_port);
    text += fmt::format(",\"pid\":{},\"pin\":{}}}\n", ::getpid(), quoted(content.pin));
    const std::string fresh = path + ".new";
    std::ofstream file(fresh);
    file << text << std::flush;
    if (!file || std::rename(fresh.c_str(), path.c_str()) != 0) {
        return fail(ErrorKind::system, fmt::format("{}: cannot be written", path));
    }
    return {};
}

}  // namespace wanctl::sim
