#include "tests/sim/rest/command_table.hpp"

#include <charconv>

#include <fmt/format.h>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

// Long enough for any test, short enough for nanoseconds in 64 bits.
constexpr double kLongestS = 1e8;

}  // namespace

std::optional<std::string> CommandArguments::text(const std::string& name) {
    read_[name] = true;
    const auto value = arguments_.values.find(name);
    if (value == arguments_.values.end()) return std::nullopt;
    return value->second;
}

Result<std::optional<double>> CommandArguments::number(const std::string& name) {
    const auto value = text(name);
    if (!value) return std::optional<double>();
    double number = 0;
    const char* const end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc() || stop != end) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: '{}' is not a number", name, *value));
    }
    return std::optional<double>(number);
}

Result<bool> CommandArguments::flag(const std::string& name) {
    const auto value = text(name);
    if (!value) return false;
    if (const auto parsed = parse_flag(*value)) return *parsed;
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: '{}' is neither true nor false", name, *value));
}

Result<std::optional<Nanos>> CommandArguments::duration(const std::string& name) {
    const auto value = number(name);
    if (!value) return tl::unexpected(value.error());
    if (!*value) return std::optional<Nanos>();
    const double seconds = name.ends_with("ms") ? **value / 1e3 : **value;
    if (!(seconds >= 0 && seconds <= kLongestS)) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: must be between 0 and {} seconds", name, kLongestS));
    }
    return std::optional<Nanos>(from_ms(seconds * 1e3));
}

std::optional<std::string> CommandArguments::unread() const {
    for (const auto& [name, value] : arguments_.values) {
        if (!read_.contains(name)) return name;
    }
    if (!arguments_.lists.empty()) return arguments_.lists.begin()->first;
    return std::nullopt;
}

void CommandTable::add(const std::string& name, std::string help, Handler handler) {
    commands_.insert_or_assign(name, Command{std::move(help), std::move(handler)});
}

std::string CommandTable::run(std::string_view line) const {
    const auto result = answer(line);
    if (result) return fmt::format("{{\"ok\":true,\"result\":{}}}", *result);
    return fmt::format("{{\"error\":{},\"ok\":false}}", quoted(result.error().message));
}

Result<std::string> CommandTable::answer(std::string_view line) const {
    auto parsed = parse_arguments(line);
    if (!parsed) {
        return fail(ErrorKind::invalid_input,
                    "not one flat JSON object such as {\"cmd\":\"help\"}");
    }
    CommandArguments arguments(std::move(*parsed));
    const auto name = arguments.text("cmd");
    if (!name) return fail(ErrorKind::invalid_input, "the member \"cmd\" is missing");
    if (*name == "help") return help();
    const auto command = commands_.find(*name);
    if (command == commands_.end()) {
        return fail(ErrorKind::not_found,
                    fmt::format("no command '{}'; {{\"cmd\":\"help\"}} lists them", *name));
    }
    auto result = command->second.handler(arguments);
    if (result) {
        if (const auto unread = arguments.unread()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: done, but it has no member '{}'", *name, *unread));
        }
    }
    return result;
}

std::string CommandTable::help() const {
    Record lines;
    for (const auto& [name, command] : commands_) lines.emplace(name, command.help);
    return to_json(lines);
}

}  // namespace wanctl::sim
