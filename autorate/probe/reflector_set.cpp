#include "autorate/probe/reflector_set.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wanctl::probe {

namespace {

Result<Ipv4Address> parse_reflector(const std::string& text) {
    const auto address = parse_ipv4(text);
    if (!address) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("probe.reflectors: \"{}\" is not a numeric IPv4 address; names "
                                "are not looked up in this version",
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
        const auto end = set.address.begin() + set.count;
        if (std::find(set.address.begin(), end, *address) != end) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.reflectors: {} is named twice", text));
        }
        set.address[set.count++] = *address;
    }
    return set;
}

}  // namespace wanctl::probe
