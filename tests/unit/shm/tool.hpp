// The program `wanctl` as an operator runs it.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace wanctl::test {

struct Outcome {
    int code = -1;
    std::string text;  // both streams

    [[nodiscard]] bool has(std::string_view part) const {
        return text.find(part) != std::string::npos;
    }
};

class Tool {
  public:
    // `before` goes in front of the program: a wrapper, or nothing.
    explicit Tool(const std::string& arguments, const std::string& before = {},
                  const std::string& program = WANCTL_TOOL)
        : pipe_(::popen((before + " " + program + " " + arguments + " 2>&1").c_str(), "r")) {}
    Tool(const Tool&) = delete;
    Tool& operator=(const Tool&) = delete;
    ~Tool() {
        if (pipe_ != nullptr) ::pclose(pipe_);
    }

    // Empty at the end.
    std::string line() {
        std::array<char, 16384> buffer{};
        return std::fgets(buffer.data(), buffer.size(), pipe_) == nullptr ? "" : buffer.data();
    }
    Outcome finish() {
        Outcome outcome;
        for (std::string each = line(); !each.empty(); each = line()) outcome.text += each;
        const int status = ::pclose(pipe_);
        pipe_ = nullptr;
        outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return outcome;
    }

  private:
    FILE* pipe_;
};

inline Outcome run_tool(const std::string& arguments) {
    return Tool(arguments).finish();
}

}  // namespace wanctl::test
