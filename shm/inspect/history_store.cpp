#include "shm/inspect/history_store.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "common/printable.hpp"
#include "shm/directory.hpp"

namespace wanctl::inspect {
namespace {

tl::expected<std::vector<std::string>, int> wans_in(const std::string& directory) {
    std::vector<std::string> wans;
    std::error_code error;
    std::filesystem::directory_iterator file(directory, error);
    for (; !error && file != std::filesystem::directory_iterator(); file.increment(error))
        if (file->path().extension() == ".db") wans.push_back(file->path().stem().string());
    if (error) {
        fmt::print(stderr,
                   "wanctl: {}: {}; name a history with --db FILE, or its directory with --dir\n",
                   printable(directory), error.message());
        return tl::unexpected<int>(tool_exit::kCannot);
    }
    std::ranges::sort(wans);
    return wans;
}

tl::expected<std::string, int> choose_file(const StoreOptions& options) {
    if (!options.file.empty()) return options.file;
    if (!options.wan.empty()) return options.directory + "/" + options.wan + ".db";
    const auto wans = wans_in(options.directory);
    if (!wans) return tl::unexpected<int>(wans.error());
    if (wans->size() == 1) return options.directory + "/" + wans->front() + ".db";
    if (wans->empty()) {
        fmt::print(stderr,
                   "wanctl: no history in {}: a daemon keeps one when its configuration says "
                   "[history] enabled = true; name a file elsewhere with --db FILE\n",
                   printable(options.directory));
        return tl::unexpected<int>(tool_exit::kCannot);
    }
    std::string names;
    for (const std::string& wan : *wans) names += " --wan " + printable(wan);
    fmt::print(stderr, "wanctl: there are several histories in {}, choose one:{}\n",
               printable(options.directory), names);
    return tl::unexpected<int>(tool_exit::kUsage);
}

}  // namespace

void add_store_options(CLI::App& app, StoreOptions& options) {
    app.add_option("--wan", options.wan,
                   "whose history: a WAN's name or \"steering\" (default: the only one there is)");
    app.add_option("--db", options.file, "this file, wherever it is");
    app.add_option("--dir", options.directory,
                   "where the histories are (default " + options.directory + ")");
}

void add_span_options(CLI::App& app, SpanOptions& options, const char* by_default) {
    auto* last = app.add_option(
        "--last", options.last,
        fmt::format("so long up to --to or now: 90m, 7d, 1h30m (default {})", by_default));
    app.add_option("--from", options.from,
                   "from then on: 2026-11-21T10:00 (local), with Z or +01:00, seconds since 1970, "
                   "or 90m for so long ago")
        ->excludes(last);
    app.add_option("--to", options.to, "until then (default: now)");
}

Result<history::Span> asked_span(const SpanOptions& options, const Clock& clock) {
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock.wall().time_since_epoch());
    return history::parse_span(options.last, options.from, options.to, now.count());
}

int usage(const Error& error) {
    fmt::print(stderr, "wanctl: {}\n", error.message);
    return tool_exit::kUsage;
}

int report(const Error& error) {
    fmt::print(stderr, "wanctl: {}\n", printable(error.message));
    const bool bad_file =
        error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unsupported;
    return bad_file ? tool_exit::kInvalid : tool_exit::kCannot;
}

tl::expected<history::HistoryFile, int> open_store(const StoreOptions& options) {
    if (!options.wan.empty() && !shm::valid_name(options.wan)) {
        fmt::print(stderr,
                   "wanctl: \"{}\" is neither a WAN's name nor \"steering\"; a file anywhere is "
                   "named with --db FILE\n",
                   printable(options.wan));
        return tl::unexpected<int>(tool_exit::kUsage);
    }
    const auto path = choose_file(options);
    if (!path) return tl::unexpected<int>(path.error());
    auto file = history::HistoryFile::open(*path);
    if (!file) return tl::unexpected<int>(report(file.error()));
    if (!options.wan.empty() && options.wan != file->wan()) {
        fmt::print(stderr, "wanctl: {}: holds the history of \"{}\", not of \"{}\"\n",
                   printable(*path), file->wan(), printable(options.wan));
        return tl::unexpected<int>(tool_exit::kCannot);
    }
    if (!file->note().empty())
        fmt::print(stderr, "wanctl: {}: {}\n", printable(*path), file->note());
    return std::move(*file);
}

int after_printing(int code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    // Not by fmt::print, which throws where standard error is as full.
    const std::string said =
        fmt::format("wanctl: not all could be written: {}\n", std::strerror(errno));
    static_cast<void>(std::fputs(said.c_str(), stderr));
    return tool_exit::kCannot;
}

}  // namespace wanctl::inspect
