// The terminal, by ncurses: shows canvases, tells keys. All that is ncurses is behind this header.
#pragma once

#include <memory>
#include <string>

#include "common/error.hpp"
#include "common/units.hpp"
#include "shm/inspect/watch_canvas.hpp"
#include "shm/inspect/watch_model.hpp"
#include "shm/inspect/watch_view.hpp"

namespace wanctl::inspect {

struct ScreenOptions {
    bool colour = true;
    bool ascii = false;  // even where the locale has block glyphs
};

// What ended a wait.
enum class ScreenEvent : std::uint8_t {
    timeout,
    key,
    resized,
    resumed,   // the program was stopped and goes on: everything must be drawn
    finished,  // SIGINT, SIGTERM or SIGQUIT asks for the end
    gone,      // the terminal hung up
};

struct ScreenInput {
    ScreenEvent event = ScreenEvent::timeout;
    WatchKey key = WatchKey::none;  // of ScreenEvent::key
    int number = 0;                 // of WatchKey::number
};

// While it lives the terminal is in full-screen mode and SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP
// and SIGWINCH are blocked and come as events; the destructor puts everything back. One at a time.
class WatchScreen {
  public:
    // Standard input and output must be one terminal that can place its cursor; else `unsupported`
    // with the reason.
    [[nodiscard]] static Result<std::unique_ptr<WatchScreen>> open(const ScreenOptions& options);
    ~WatchScreen();
    WatchScreen(const WatchScreen&) = delete;
    WatchScreen& operator=(const WatchScreen&) = delete;

    [[nodiscard]] ScreenSize size() const;
    [[nodiscard]] const Glyphs& glyphs() const;
    // The canvas must be of size(); only what changed since the last one is sent.
    void show(const Canvas& canvas);
    // Sleeps until something happens, at most `timeout`.
    [[nodiscard]] ScreenInput wait(Nanos timeout);

  private:
    struct Impl;
    explicit WatchScreen(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::inspect
