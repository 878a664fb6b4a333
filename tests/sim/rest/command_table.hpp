// The commands a test can give to the running simulator, by name: {"cmd":"slow","ms":200}.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/units.hpp"
#include "tests/sim/rest/json_text.hpp"

namespace wanctl::sim {

// One command's members. Each reader marks its member as known, so that a misspelt one is found.
class CommandArguments {
  public:
    explicit CommandArguments(Arguments arguments) : arguments_(std::move(arguments)) {}

    [[nodiscard]] std::optional<std::string> text(const std::string& name);
    // Nothing when it is absent; an error when it is no number (or no true/false).
    [[nodiscard]] Result<std::optional<double>> number(const std::string& name);
    [[nodiscard]] Result<bool> flag(const std::string& name);
    // Its length in seconds or milliseconds, as the name ends in `_s` or `ms`.
    [[nodiscard]] Result<std::optional<Nanos>> duration(const std::string& name);
    // The first member that nobody read.
    [[nodiscard]] std::optional<std::string> unread() const;

  private:
    Arguments arguments_;
    std::map<std::string, bool> read_;
};

// A handler answers a JSON value, or an error which the caller gets to see.
class CommandTable {
  public:
    using Handler = std::function<Result<std::string>(CommandArguments&)>;

    // The last one to take a name has it. `help` is one line: what it does and its members.
    void add(const std::string& name, std::string help, Handler handler);

    // One line of JSON in, one out, without the line ends: {"ok":true,"result":...} or
    // {"error":"...","ok":false}. Never throws for what is in the line.
    [[nodiscard]] std::string run(std::string_view line) const;

  private:
    struct Command {
        std::string help;
        Handler handler;
    };

    [[nodiscard]] Result<std::string> answer(std::string_view line) const;
    [[nodiscard]] std::string help() const;

    std::map<std::string, Command> commands_;
};

}  // namespace wanctl::sim
