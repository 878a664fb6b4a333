#include "common/history/history_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sqlite3.h>

#include "common/history/rows_sql.hpp"
#include "common/history/schema.hpp"
#include "common/history/sqlite.hpp"
#include "common/printable.hpp"

namespace wanctl::history {

namespace {

constexpr int kPatienceMs = 2'000;

bool exists(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0;
}

// SQLite's own words for these are "unable to open database file". Nothing is opened: closing it
// would drop the locks of a writer in the same process.
Result<void> check_readable(const std::string& path) {
    struct stat found {};
    errno = 0;
    if (::stat(path.c_str(), &found) == 0 &&
        ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) {
        if (S_ISREG(found.st_mode)) return {};
        return fail(ErrorKind::invalid_input, fmt::format("{}: is not a file", path));
    }
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR) {
        return fail(ErrorKind::not_found,
                    fmt::format("{}: no such file; the daemon makes it when its configuration says "
                                "[history] enabled = true",
                                path),
                    code);
    }
    return fail(
        code == EACCES ? ErrorKind::permission : ErrorKind::system,
        fmt::format("{}: {}; its owner, its group and root may read it", path, std::strerror(code)),
        code);
}

// Whether all that is read of a history is there.
bool readable_rows(sqlite3* database, const Layout& layout) {
    if (!Statement::prepare(database, rows_sql(layout, nullptr, false))) return false;
    return std::ranges::all_of(kTiers, [&](const Tier& tier) {
        return Statement::prepare(database, rows_sql(layout, &tier, true)).has_value();
    });
}

// A path as SQLite's URIs want it.
std::string uri_of(const std::string& path, bool immutable) {
    std::string uri = "file:";
    // "//host" would be taken for a host.
    if (path.starts_with("//")) uri += "//";
    for (const char c : path) {
        if (c == '?' || c == '#' || c == '%')
            uri += fmt::format("%{:02x}", static_cast<unsigned>(c));
        else
            uri += c;
    }
    return uri + (immutable ? "?mode=ro&immutable=1" : "?mode=ro");
}

}  // namespace

void HistoryFile::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

Result<void> HistoryFile::connect(bool immutable) {
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(uri_of(path_, immutable).c_str(), &opened,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(opened);
    if (code != SQLITE_OK) return refusal(opened);
    sqlite3_busy_timeout(opened, kPatienceMs);
    // Whoever made the file, its views and triggers run nothing but SQL.
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return number(opened, "SELECT count(*) FROM sqlite_master").map([](std::int64_t) {});
}

Result<void> HistoryFile::identify() {
    const auto application = number(database(), "PRAGMA application_id");
    if (!application) return tl::unexpected(application.error());
    const auto version = number(database(), "PRAGMA user_version");
    if (!version) return tl::unexpected(version.error());
    const auto tables = number(database(), "SELECT count(*) FROM sqlite_master");
    if (tables && *tables == 0)
        return fail(ErrorKind::invalid_input, "is empty: no daemon has made its tables yet");
    if (*application != kApplicationId)
        return fail(ErrorKind::invalid_input, "is no history of wanctl but another database");
    std::string kind;
    auto facts = Statement::prepare(database(), "SELECT name, value FROM facts");
    if (facts) {
        for (auto more = facts->step(); more && *more; more = facts->step()) {
            if (facts->text(0) == "wan") wan_ = printable(facts->text(1));
            if (facts->text(0) == "kind") kind = facts->text(1);
        }
    }
    if (kind == cycle_layout().kind) layout_ = &cycle_layout();
    if (kind == steering_layout().kind) layout_ = &steering_layout();
    const std::string newer =
        fmt::format("has version {}, this program knows {}", *version, kSchemaVersion);
    if (layout_ == nullptr) {
        if (*version > kSchemaVersion)
            return fail(ErrorKind::unsupported, newer + "; use the newer program");
        return fail(ErrorKind::invalid_input, "is damaged: it does not say whose history it is");
    }
    if (*version > kSchemaVersion) {
        if (!readable_rows(database(), *layout_))
            return fail(ErrorKind::unsupported, newer + "; use the newer program");
        if (!note_.empty()) note_ += "; ";
        note_ += newer + " and shows what it knows";
    }
    return {};
}

Result<void> HistoryFile::reconnect() {
    const std::string wal = path_ + "-wal";
    note_.clear();
    at_rest_ = !exists(wal);
    auto ready = connect(at_rest_);
    // A writer that came meanwhile changes what was taken for at rest.
    if (at_rest_ && exists(wal)) {
        at_rest_ = false;
        ready = connect(false);
    }
    if (!ready && ready.error().kind != ErrorKind::invalid_input && !exists(path_ + "-shm")) {
        // The index of a -wal cannot be made in a directory that is not ours to write.
        ready = connect(true);
        note_ = "what stands in its -wal file is left out: this user cannot read that";
    }
    return ready.and_then([this] { return identify(); });
}

Result<HistoryFile> HistoryFile::open(const std::string& path) {
    if (auto readable = check_readable(path); !readable) return tl::unexpected(readable.error());
    HistoryFile file(path);
    if (auto ready = file.reconnect(); !ready) return file.refuse(ready.error());
    return file;
}

Result<void> HistoryFile::refresh() {
    if (!at_rest_ || !exists(path_ + "-wal")) return {};
    if (auto ready = reconnect(); !ready) return refuse(ready.error());
    return {};
}

tl::unexpected<Error> HistoryFile::refuse(const Error& error) const {
    std::string remedy;
    // The questions are right, so it is the file that does not have what they are about.
    const bool lacks = error.kind == ErrorKind::system && (error.code & 0xFF) == SQLITE_ERROR;
    const ErrorKind kind = lacks ? ErrorKind::invalid_input : error.kind;
    switch (kind) {
        case ErrorKind::invalid_input:
            if (error.code != 0) remedy = "; the file is damaged or no history of wanctl";
            break;
        case ErrorKind::busy:
            remedy = "; another program holds it, try again";
            break;
        case ErrorKind::permission:
            remedy = "; its owner, its group and root may read it";
            break;
        default:
            break;
    }
    const std::string said =
        error.message.starts_with(path_) ? error.message : path_ + ": " + error.message;
    return fail(kind, said + remedy, error.code);
}

}  // namespace wanctl::history
