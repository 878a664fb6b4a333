#include "common/routeros/mangle.hpp"

#include <fmt/format.h>

#include "common/routeros/records.hpp"

namespace wanctl::routeros {
namespace {

// A message names so many of several rules.
constexpr std::size_t kMostNamed = 8;

Result<MangleReading> read_record(const Records& records, std::size_t index) {
    MangleReading reading;
    reading.id = records.get(index, ".id").value_or("");
    if (!is_id(reading.id))
        return fail(ErrorKind::invalid_input,
                    fmt::format("a mangle rule's id is \"{}\"", printable(reading.id, 40)));
    reading.comment = records.get(index, "comment").value_or("");
    // RouterOS leaves the field out until it has been set once.
    const std::string_view disabled = records.get(index, "disabled").value_or("false");
    if (disabled != "true" && disabled != "false")
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"disabled\" of mangle rule {} is \"{}\", not true or false",
                                reading.id, printable(disabled, 40)));
    reading.state = disabled == "true" ? RuleState::disabled : RuleState::enabled;
    return reading;
}

}  // namespace

std::string mangle_list_path() {
    return "/rest/ip/firewall/mangle?.proplist=.id,comment,disabled";
}

std::string mangle_patch_path(std::string_view id) {
    return fmt::format("/rest/ip/firewall/mangle/{}", id);
}

std::string mangle_patch_body(RuleState state) {
    return fmt::format(R"({{"disabled":"{}"}})", state == RuleState::enabled ? "false" : "true");
}

tl::expected<MangleReading, MangleFault> find_mangle(std::string_view body,
                                                     std::string_view comment) {
    const auto bad = [](const Error& error) {
        return tl::unexpected<MangleFault>(MangleFault{RuleStatus::unread, error.message});
    };
    const auto records = Records::parse(body);
    if (!records) return bad(records.error());
    MangleReading found;
    std::size_t count = 0;
    std::string ids;
    for (std::size_t i = 0; i < records->size(); ++i) {
        if (records->get(i, "comment") != std::optional<std::string_view>(comment)) continue;
        auto reading = read_record(*records, i);
        if (!reading) return bad(reading.error());
        if (++count <= kMostNamed) ids += (count == 1 ? "" : ", ") + reading->id;
        found = std::move(*reading);
    }
    if (count == 1) return found;
    const std::string named = printable(comment, 255);
    if (count == 0)
        return tl::unexpected<MangleFault>(
            MangleFault{RuleStatus::missing,
                        fmt::format("no rule of {} in /ip/firewall/mangle has the comment \"{}\"",
                                    records->size(), named)});
    return tl::unexpected<MangleFault>(MangleFault{
        RuleStatus::ambiguous,
        fmt::format("{} rules in /ip/firewall/mangle have the comment \"{}\" ({}{}), exactly one "
                    "must",
                    count, named, ids, count > kMostNamed ? " ..." : "")});
}

Result<MangleReading> read_mangle(std::string_view body) {
    const auto written = Records::parse_one(body, "written");
    if (!written) return tl::unexpected<Error>(written.error());
    return read_record(*written, 0);
}

}  // namespace wanctl::routeros
