#include "shm/inspect/watch_screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>

// Functions instead of macros with everybody's names.
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "common/fd.hpp"
#include "shm/inspect/terminal_output.hpp"
#include "shm/inspect/watch_terminal.hpp"

namespace wanctl::inspect {
namespace {

// A terminal that says it has input and then has none is gone, not slow.
constexpr int kEmptyReads = 50;

constexpr std::array kSignals{SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP, SIGWINCH};

sigset_t signal_set() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kSignals) sigaddset(&set, number);
    return set;
}

std::optional<ScreenSize> kernel_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
        return std::nullopt;
    }
    return ScreenSize{size.ws_row, size.ws_col};
}

int colour_number(Hue hue) {
    const bool many = COLORS >= 256;
    switch (hue) {
        case Hue::green:
            return COLOR_GREEN;
        case Hue::yellow:
            return COLOR_YELLOW;
        case Hue::orange:
            return many ? 208 : COLOR_MAGENTA;
        case Hue::red:
            return COLOR_RED;
        case Hue::cyan:
            return COLOR_CYAN;
        case Hue::grey:
            return many ? 245 : COLOR_WHITE;
        case Hue::plain:
            break;
    }
    return -1;
}

constexpr std::array kHues{Hue::green, Hue::yellow, Hue::orange, Hue::red, Hue::cyan, Hue::grey};

short pair_of(Hue hue) {
    return static_cast<short>(hue);
}

ScreenInput key_input(wint_t code, bool function_key) {
    const auto key = [](WatchKey which, int number = 0) {
        return ScreenInput{ScreenEvent::key, which, number};
    };
    if (function_key) {
        switch (code) {
            case KEY_RIGHT:
            case KEY_DOWN:
                return key(WatchKey::next);
            case KEY_LEFT:
            case KEY_UP:
            case KEY_BTAB:
                return key(WatchKey::previous);
            case KEY_ENTER:
                return key(WatchKey::single);
            case KEY_F(1):
                return key(WatchKey::help);
            default:
                return key(WatchKey::none);
        }
    }
    if (code >= L'1' && code <= L'9') {
        return key(WatchKey::number, static_cast<int>(code - L'0'));
    }
    switch (code) {
        case L'q':
        case L'Q':
            return key(WatchKey::quit);
        case L'\t':
        case L'j':
        case L'l':
            return key(WatchKey::next);
        case L'k':
            return key(WatchKey::previous);
        case L' ':
        case L'p':
            return key(WatchKey::pause);
        case L'+':
        case L'=':
            return key(WatchKey::longer);
        case L'-':
            return key(WatchKey::shorter);
        case L'?':
        case L'h':
            return key(WatchKey::help);
        case L'\n':
        case L'\r':
            return key(WatchKey::single);
        default:
            return key(WatchKey::none);
    }
}

}  // namespace

struct WatchScreen::Impl {
    Impl() : rescue(STDOUT_FILENO) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        if (screen != nullptr) {
            ::endwin();
            ::delscreen(screen);
        }
        rescue.disarm();
        if (blocked) ::pthread_sigmask(SIG_SETMASK, &old_mask, nullptr);
    }

    // Before ncurses, which would install handlers of its own that act at any moment.
    [[nodiscard]] bool block_signals() {
        const sigset_t set = signal_set();
        if (::pthread_sigmask(SIG_BLOCK, &set, &old_mask) != 0) return false;
        blocked = true;
        signals = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
        return static_cast<bool>(signals);
    }

    void set_up(const ScreenOptions& options) {
        ::cbreak();
        ::noecho();
        ::nonl();
        ::curs_set(0);
        ::keypad(stdscr, TRUE);
        ::nodelay(stdscr, TRUE);
        ::leaveok(stdscr, TRUE);
        ::set_escdelay(25);
        colour = options.colour && ::has_colors() && ::start_color() == OK;
        if (!colour) return;
        const short background = ::use_default_colors() == OK ? short{-1} : short{COLOR_BLACK};
        for (const Hue hue : kHues) {
            ::init_pair(pair_of(hue), static_cast<short>(colour_number(hue)), background);
        }
    }

    void fit() {
        const auto now = kernel_size();
        if (now) ::resizeterm(now->rows, now->columns);
        size = {LINES, COLS};
        shown.reset();
        ::clearok(stdscr, TRUE);
    }

    void stop_and_resume() {
        ::endwin();
        ::raise(SIGSTOP);
        ::wrefresh(stdscr);
        fit();
    }

    void put(int row, int column, const Cell& cell) const {
        attr_t attributes = A_NORMAL;
        if (cell.style.bold) attributes |= A_BOLD;
        if (cell.style.reverse) attributes |= A_REVERSE;
        const short pair = colour ? pair_of(cell.style.hue) : short{0};
        const wchar_t text[2] = {static_cast<wchar_t>(cell.glyph), L'\0'};
        cchar_t wide{};
        ::setcchar(&wide, text, attributes, pair, nullptr);
        ::mvadd_wch(row, column, &wide);
    }

    std::optional<ScreenInput> signalled() {
        signalfd_siginfo info{};
        if (::read(signals.get(), &info, sizeof info) != sizeof info) return std::nullopt;
        switch (info.ssi_signo) {
            case SIGWINCH:
                fit();
                return ScreenInput{ScreenEvent::resized};
            case SIGTSTP:
                stop_and_resume();
                return ScreenInput{ScreenEvent::resumed};
            case SIGHUP:
                return ScreenInput{ScreenEvent::gone};
            default:
                return ScreenInput{ScreenEvent::finished};
        }
    }

    ScreenInput typed() {
        wint_t code = 0;
        const int kind = ::get_wch(&code);
        if (kind == ERR) {
            return ++empty_reads > kEmptyReads ? ScreenInput{ScreenEvent::gone} : ScreenInput{};
        }
        empty_reads = 0;
        return key_input(code, kind == KEY_CODE_YES);
    }

    TerminalRescue rescue;
    SCREEN* screen = nullptr;
    sigset_t old_mask{};
    bool blocked = false;
    Fd signals;
    bool colour = false;
    bool ascii = false;
    ScreenSize size;
    std::optional<Canvas> shown;
    int empty_reads = 0;
};

WatchScreen::WatchScreen(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WatchScreen::~WatchScreen() = default;

Result<std::unique_ptr<WatchScreen>> WatchScreen::open(const ScreenOptions& options) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        return fail(ErrorKind::unsupported,
                    "the live view needs a terminal for input and output; "
                    "`wanctl shm dump --follow` writes into pipes and files");
    }
    const char* type = std::getenv("TERM");
    if (type == nullptr || *type == '\0') {
        return fail(ErrorKind::unsupported,
                    "TERM is not set, so the terminal's abilities are unknown");
    }
    const bool utf8 = speaks_utf8();
    auto impl = std::make_unique<Impl>();
    if (!impl->block_signals()) {
        return fail(ErrorKind::system, "cannot watch for signals", errno);
    }
    if (!can_place_cursor(type)) {
        return fail(ErrorKind::unsupported,
                    fmt::format("a terminal of type \"{}\" is unknown here or cannot place its "
                                "cursor; another TERM may fit",
                                type));
    }
    impl->screen = ::newterm(nullptr, stdout, stdin);
    if (impl->screen == nullptr) {
        return fail(ErrorKind::unsupported, fmt::format("cannot use the terminal as \"{}\"", type));
    }
    impl->rescue.arm(farewell_text());
    impl->ascii = options.ascii || !utf8;
    impl->set_up(options);
    impl->fit();
    return std::unique_ptr<WatchScreen>(new WatchScreen(std::move(impl)));
}

ScreenSize WatchScreen::size() const {
    return impl_->size;
}

const Glyphs& WatchScreen::glyphs() const {
    return impl_->ascii ? ascii_glyphs() : block_glyphs();
}

void WatchScreen::show(const Canvas& canvas) {
    const bool same_size = impl_->shown && impl_->shown->rows() == canvas.rows() &&
                           impl_->shown->columns() == canvas.columns();
    for (int row = 0; row < canvas.rows(); ++row) {
        for (int column = 0; column < canvas.columns(); ++column) {
            const Cell& cell = canvas.at(row, column);
            if (same_size && impl_->shown->at(row, column) == cell) continue;
            impl_->put(row, column, cell);
        }
    }
    impl_->shown = canvas;
    ::wrefresh(stdscr);
}

ScreenInput WatchScreen::wait(Nanos timeout) {
    std::array<pollfd, 2> sources{pollfd{STDIN_FILENO, POLLIN, 0},
                                  pollfd{impl_->signals.get(), POLLIN, 0}};
    const auto milliseconds = std::max<std::int64_t>(timeout / std::chrono::milliseconds(1), 0);
    if (::poll(sources.data(), sources.size(), static_cast<int>(milliseconds)) <= 0) return {};
    if (sources[1].revents != 0) {
        if (const auto input = impl_->signalled()) return *input;
    }
    if ((sources[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        return ScreenInput{ScreenEvent::gone};
    }
    return (sources[0].revents & POLLIN) != 0 ? impl_->typed() : ScreenInput{};
}

}  // namespace wanctl::inspect
