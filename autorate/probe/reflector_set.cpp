#include "autorate/probe/reflector_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/host_name.hpp"

namespace wanctl::probe {

namespace {

Result<std::optional<IpAddress>> parse_reflector(const std::string& text) {
    const auto address = parse_ip(text);
    if (!address && is_name_of_host(text)) return std::nullopt;
    if (!address) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("probe.reflectors: \"{}\" is neither an IP address nor a host "
                                "name",
                                text));
    }
    if (!is_unicast(*address)) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("probe.reflectors: {} is not a unicast address", text));
    }
    return *address;
}

}  // namespace

Result<ReflectorSet> parse_reflectors(const std::vector<std::string>& texts) {
    if (texts.empty() || texts.size() > kMaxReflectors) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("probe.reflectors: {} given, allowed are 1 to {}", texts.size(),
                                kMaxReflectors));
    }
    ReflectorSet set;
    for (const std::string& text : texts) {
        const auto address = parse_reflector(text);
        if (!address) return tl::unexpected(address.error());
        const auto end = texts.begin() + set.count;
        const bool known =
            *address && std::find(set.address.begin(), set.address.begin() + set.count, *address) !=
                            set.address.begin() + set.count;
        if (known || std::find(texts.begin(), end, text) != end) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.reflectors: {} is named twice", text));
        }
        set.address[set.count++] = *address;
    }
    return set;
}

}  // namespace wanctl::probe
