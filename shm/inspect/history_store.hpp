// The file that `wanctl history` and `wanctl export` read, and how the tool tells what is wrong
// with it.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "common/error.hpp"
#include "common/history/history_file.hpp"
#include "common/history/when.hpp"

namespace CLI {
class App;
}

namespace wanctl {
class Clock;
}

namespace wanctl::inspect {

struct StoreOptions {
    std::string wan;
    std::string file;
    std::string directory = "/var/lib/wanctl";
};
void add_store_options(CLI::App& app, StoreOptions& options);

// --last, --from and --to as they were written; see history::parse_span.
struct SpanOptions {
    std::string last;
    std::string from;
    std::string to;
};
// `by_default` is what --last is unless given, as help says it.
void add_span_options(CLI::App& app, SpanOptions& options, const char* by_default);
[[nodiscard]] Result<history::Span> asked_span(const SpanOptions& options, const Clock& clock);

// Says on stderr that something was asked for in a wrong way; tool_exit::kUsage.
int usage(const Error& error);
// Says the error on stderr; the exit code that says the same.
int report(const Error& error);

// The file of that name, else that WAN's in the directory, else the only one there. On failure it
// has said why on stderr, and the error is the exit code.
[[nodiscard]] tl::expected<history::HistoryFile, int> open_store(const StoreOptions& options);

// What was printed has arrived; else it is said, and the exit code is another.
[[nodiscard]] int after_printing(int code);

}  // namespace wanctl::inspect
