// How a subcommand of `wanctl` is made known: one row in a group's table, one file with its code.
#pragma once

#include <functional>
#include <span>

namespace CLI {
class App;
}

namespace wanctl {
class Clock;
}

namespace wanctl::inspect {

struct Command {
    const char* name;
    const char* summary;  // one line of help
    // Declares the options on `app`; the function returned runs once they are parsed and gives the
    // exit code (tool_exit). Both `app` and `clock` outlive it.
    std::function<int()> (*install)(CLI::App& app, const Clock& clock);
};

std::function<int()> install_list(CLI::App& app, const Clock& clock);
std::function<int()> install_show(CLI::App& app, const Clock& clock);
std::function<int()> install_dump(CLI::App& app, const Clock& clock);
std::function<int()> install_stats(CLI::App& app, const Clock& clock);
std::function<int()> install_verify(CLI::App& app, const Clock& clock);
std::function<int()> install_layout(CLI::App& app, const Clock& clock);
std::function<int()> install_clean(CLI::App& app, const Clock& clock);
std::function<int()> install_watch(CLI::App& app, const Clock& clock);
std::function<int()> install_alert_test(CLI::App& app, const Clock& clock);
std::function<int()> install_history(CLI::App& app, const Clock& clock);
std::function<int()> install_export(CLI::App& app, const Clock& clock);

// `wanctl shm ...`. A new subcommand is a row here and a file beside this one.
inline constexpr Command kShmCommands[] = {
    {"list", "every segment on this machine: state, writer, ages, rate", install_list},
    {"show", "one segment: writer, newest record, counters; exit 1 when stale", install_show},
    {"watch", "a live view of all segments or one, in the terminal", install_watch},
    {"dump", "records of one segment, past and as they come", install_dump},
    {"stats", "how regularly records come, how old, how long each stage takes", install_stats},
    {"verify", "every slot, the header, times and ranges; exit 1 with errors", install_verify},
    {"layout", "the memory's layout: each field's place, type, unit, meaning", install_layout},
    {"clean", "removes the segment of a dead daemon", install_clean},
};

// `wanctl alert ...`
inline constexpr Command kAlertCommands[] = {
    {"test", "sends one message to a sink, and tells how that went", install_alert_test},
};

// `wanctl ...`: what daemons have kept.
inline constexpr Command kStoreCommands[] = {
    {"history", "what a daemon kept of a span: table, summary, chart, events", install_history},
    {"export", "the rows of a span as CSV or JSON lines", install_export},
};

}  // namespace wanctl::inspect
