#include "shm/inspect/watch_terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include <curses.h>
#include <term.h>

#include "common/exit_code.hpp"

namespace wanctl::inspect {
namespace {

// A signal handler gets nothing but a number: this is the one way to tell it which terminal.
std::atomic<const TerminalRescue*> armed{nullptr};
static_assert(std::atomic<const TerminalRescue*>::is_always_lock_free);

constexpr std::array kCrashes{SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL};

void say(std::string_view text) {
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

// A capability's text without the pauses ("$<5>") that only hardware terminals needed.
std::string capability(const char* name) {
    const char* found = ::tigetstr(name);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): terminfo's own way of saying "no such name"
    if (found == nullptr || found == reinterpret_cast<const char*>(-1)) return {};
    std::string text(found);
    for (auto from = text.find("$<"); from != std::string::npos; from = text.find("$<")) {
        const auto to = text.find('>', from);
        if (to == std::string::npos) break;
        text.erase(from, to - from + 1);
    }
    return text;
}

extern "C" void on_crash(int number) {
    if (const TerminalRescue* rescue = armed.exchange(nullptr)) rescue->restore();
    if (number == SIGBUS) {
        say("wanctl: the segment was truncated while it was being read\n");
        ::_exit(tool_exit::kInvalid);
    }
    std::signal(number, SIG_DFL);
    std::raise(number);
}

}  // namespace

bool can_place_cursor(const char* type) {
    int error = 0;
    return ::setupterm(type, STDOUT_FILENO, &error) == OK && !capability("cup").empty();
}

std::string farewell_text() {
    return capability("rmkx") + capability("sgr0") + capability("cnorm") + capability("rmcup");
}

TerminalRescue::TerminalRescue(int fd) : fd_(fd) {
    ::tcgetattr(fd_, &modes_);
}

TerminalRescue::~TerminalRescue() {
    disarm();
}

void TerminalRescue::arm(std::string_view farewell) {
    length_ = std::min(farewell.size(), farewell_.size());
    std::copy_n(farewell.begin(), length_, farewell_.begin());
    armed = this;
    for (const int number : kCrashes) std::signal(number, on_crash);
}

void TerminalRescue::disarm() {
    // The handlers may stay: without a terminal to rescue they do what the tool does anyway.
    armed = nullptr;
}

void TerminalRescue::restore() const {
    if (::write(fd_, farewell_.data(), length_) < 0) return;
    ::tcsetattr(fd_, TCSANOW, &modes_);
}

}  // namespace wanctl::inspect
