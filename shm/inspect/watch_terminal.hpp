// Gives the terminal back as it was, even from a signal handler.
#pragma once

#include <termios.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace wanctl::inspect {

// Whether the terminal on standard output, said to be of this type, can do what a full screen
// needs.
[[nodiscard]] bool can_place_cursor(const char* type);
// What brings the present terminal from full-screen mode to where it was.
[[nodiscard]] std::string farewell_text();

// Between arm() and disarm() a crash (SIGBUS, SIGSEGV, SIGABRT ...) restores the terminal before it
// takes its course: SIGBUS ends the program with tool_exit::kInvalid, as everywhere in the tool,
// the others as the system does. One program has one terminal: one object at a time.
class TerminalRescue {
  public:
    // Takes the modes of `fd`, a terminal, as they are now.
    explicit TerminalRescue(int fd);
    ~TerminalRescue();
    TerminalRescue(const TerminalRescue&) = delete;
    TerminalRescue& operator=(const TerminalRescue&) = delete;

    // What the terminal must be sent; cut to what fits.
    void arm(std::string_view farewell);
    void disarm();
    // Async-signal-safe.
    void restore() const;

  private:
    int fd_;
    termios modes_{};
    std::array<char, 256> farewell_{};
    std::size_t length_ = 0;
};

}  // namespace wanctl::inspect
