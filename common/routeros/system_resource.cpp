#include "common/routeros/system_resource.hpp"

#include <charconv>

#include <fmt/format.h>

#include "common/routeros/records.hpp"

namespace wanctl::routeros {
namespace {

constexpr std::string_view kCpu = "cpu-load";
constexpr std::string_view kSectors = "write-sect-since-reboot";
constexpr int kWhole = 100;

template <typename Integer>
Result<std::optional<Integer>> figure(const Records& records, std::string_view key) {
    const auto text = records.get(0, key);
    if (!text || text->empty()) return std::optional<Integer>();
    Integer value{};
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (fault == std::errc() && end == text->data() + text->size())
        return std::optional<Integer>(value);
    return fail(
        ErrorKind::invalid_input,
        fmt::format("\"{}\" is \"{}\", not a whole number in range", key, printable(*text, 40)));
}

}  // namespace

std::string resource_path() {
    return fmt::format("/rest/system/resource?.proplist={},{}", kCpu, kSectors);
}

Result<ResourceReading> read_resource(std::string_view body) {
    const auto records = Records::parse_one(body, "of /system/resource");
    if (!records) return tl::unexpected<Error>(records.error());
    const auto cpu = figure<int>(*records, kCpu);
    if (!cpu) return tl::unexpected<Error>(cpu.error());
    if (*cpu && (**cpu < 0 || **cpu > kWhole))
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\" is {}, not a percentage", kCpu, **cpu));
    const auto sectors = figure<std::uint64_t>(*records, kSectors);
    if (!sectors) return tl::unexpected<Error>(sectors.error());
    return ResourceReading{*cpu, *sectors};
}

}  // namespace wanctl::routeros
