#include "common/history/store_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "common/fd.hpp"
#include "common/history/aggregate.hpp"
#include "common/history/schema.hpp"
#include "common/history/transaction.hpp"

namespace wanctl::history {

namespace {

constexpr mode_t kMode = 0640;
// Checkpoints copy so much at most, and leave the -wal that large.
constexpr int kCheckpointPages = 1'000;
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; "
    "PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY;";
// Events that no record tells are numbered from here on, above any slot's number.
constexpr std::int64_t kToldEvents = 1LL << 40;
constexpr int kCheckSteps = 10'000;

tl::unexpected<Error> errno_failure(const std::string& what) {
    const int code = errno;
    const ErrorKind kind = code == EACCES || code == EPERM || code == EROFS ? ErrorKind::permission
                                                                            : ErrorKind::system;
    return fail(kind, fmt::format("{}: {}", what, std::strerror(code)), code);
}

// Whether the file is new. It is never opened and closed by hand when it exists: that would drop
// the locks that this process holds on it.
Result<bool> make_file(const std::string& path) {
    const Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
    if (made.get() >= 0) {
        if (::fchmod(made.get(), kMode) != 0) return errno_failure("cannot set its mode");
        return true;
    }
    if (errno != EEXIST) return errno_failure("cannot be made");
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return errno_failure("cannot be opened");
    if (!S_ISREG(found.st_mode))
        return fail(ErrorKind::invalid_input, "is no regular file; name another path");
    return found.st_size == 0;
}

std::int64_t size_of(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? std::int64_t{found.st_size} : 0;
}

Result<Statement> insert_into(sqlite3* database, const std::string& table,
                              const std::string& columns) {
    std::string places = "?1";
    for (const char each : columns)
        if (each == ',') places += ", ?";
    return Statement::prepare(
        database, fmt::format("INSERT OR IGNORE INTO {}({}) VALUES({})", table, columns, places));
}

}  // namespace

struct StoreFile::Impl {
    struct Close {
        void operator()(sqlite3* open) const { sqlite3_close_v2(open); }
    };

    FileOptions options;
    bool made = false;
    dev_t device = 0;
    ino_t inode = 0;
    std::unique_ptr<sqlite3, Close> database;  // before its statements
    Statement insert_row;
    Statement insert_transition;
    Statement insert_event;
    std::optional<Rollup> rollup;
    std::vector<std::string> to_check;  // tables
    int wal_pages = 0;
    std::int64_t events_told = 0;  // the number of the last one

    Result<void> connect();
    Result<void> prepare();
    Result<void> write(const Batch& batch);
    Result<void> checkpoint();
};

Result<void> StoreFile::Impl::connect() {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(options.path.c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    database.reset(opened);
    if (opened == nullptr) return fail(ErrorKind::system, "there is no memory for it");
    if (code != SQLITE_OK) return refusal(opened);
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, kLockPatienceMs);
    struct stat found {};
    if (::stat(options.path.c_str(), &found) != 0) return errno_failure("cannot be opened");
    device = found.st_dev;
    inode = found.st_ino;
    if (sqlite3_db_readonly(opened, "main") == 1)
        return fail(ErrorKind::permission, "may only be read; let this user write it");
    return {};
}

Result<void> StoreFile::Impl::prepare() {
    sqlite3* const open = database.get();
    auto done = prepare_schema(open, *options.layout, options.wan).and_then([open] {
        return run(open, kSettings);
    });
    if (!done) return done;
    int persist = 1;
    sqlite3_file_control(open, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    sqlite3_wal_hook(
        open,
        [](void* pages, sqlite3*, const char*, int now) {
            *static_cast<int*>(pages) = now;
            return SQLITE_OK;
        },
        &wal_pages);
    const auto keep = [](Result<Statement> from, Statement& to) -> Result<void> {
        if (!from) return tl::unexpected(from.error());
        to = std::move(*from);
        return {};
    };
    done = keep(insert_into(open, "cycles", cycle_columns(*options.layout)), insert_row)
               .and_then([&] {
                   return keep(insert_into(open, "transitions",
                                           "at_ms, slot, direction, zone_from, zone_to, delta_us, "
                                           "threshold_us, reason"),
                               insert_transition);
               })
               .and_then([&] {
                   return keep(insert_into(open, "events", "at_ms, n, kind, detail"), insert_event);
               });
    if (!done) return done;
    auto made_rollup = Rollup::prepare(open, *options.layout, options.keep);
    if (!made_rollup) return tl::unexpected(made_rollup.error());
    rollup = std::move(*made_rollup);
    const auto last = number(open, "SELECT max(n) FROM events");
    if (!last) return tl::unexpected(last.error());
    events_told = std::max(*last, kToldEvents);
    to_check = {"facts", "events", "transitions", "hours", "five_minutes", "minutes", "cycles"};
    return {};
}

Result<void> StoreFile::Impl::write(const Batch& batch) {
    const auto done = [](Result<int> result) -> Result<void> {
        if (!result) return tl::unexpected(result.error());
        return {};
    };
    for (const Row& row : batch.rows) {
        bind_row(insert_row, row, *options.layout);
        if (auto result = done(insert_row.execute()); !result) return result;
    }
    for (const Transition& each : batch.transitions) {
        int place = 0;
        for (const std::int64_t value :
             {each.at_ms, each.slot, each.direction, each.zone_from, each.zone_to})
            insert_transition.bind(++place, value);
        insert_transition.bind(++place, each.delta_us);
        insert_transition.bind(++place, each.threshold_us);
        insert_transition.bind_text(++place, each.reason);
        if (auto result = done(insert_transition.execute()); !result) return result;
    }
    std::int64_t n = events_told;
    for (const Event& each : batch.events) {
        insert_event.bind(1, each.at_ms);
        insert_event.bind(2, each.n == 0 ? ++n : each.n);
        insert_event.bind_text(3, each.kind);
        if (each.detail.empty())
            insert_event.bind(4, std::optional<std::int64_t>());
        else
            insert_event.bind_text(4, each.detail);
        if (auto result = done(insert_event.execute()); !result) return result;
    }
    return {};
}

// Readers are never waited for: what they still need stays in the -wal.
Result<void> StoreFile::Impl::checkpoint() {
    if (wal_pages < kCheckpointPages) return {};
    int left = 0;
    int copied = 0;
    const int code = sqlite3_wal_checkpoint_v2(database.get(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                               &left, &copied);
    if (code != SQLITE_OK && code != SQLITE_BUSY) return refusal(database.get());
    wal_pages = left > copied ? left - copied : 0;
    return {};
}

StoreFile::StoreFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StoreFile::StoreFile(StoreFile&&) noexcept = default;
StoreFile& StoreFile::operator=(StoreFile&&) noexcept = default;
StoreFile::~StoreFile() = default;

Result<StoreFile> StoreFile::open(const FileOptions& options) {
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    const auto made = make_file(options.path);
    if (!made) return tl::unexpected(made.error());
    impl->made = *made;
    const auto ready = impl->connect().and_then([&impl] { return impl->prepare(); });
    if (!ready) return tl::unexpected(ready.error());
    return StoreFile(std::move(impl));
}

Result<void> StoreFile::commit(const Batch& batch) {
    if (batch.empty()) return {};
    if (size_of(impl_->options.path + "-wal") > kLargestWal) {
        // One that has let go meanwhile lets this empty it.
        (void)sqlite3_wal_checkpoint_v2(impl_->database.get(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                        nullptr, nullptr);
        if (size_of(impl_->options.path + "-wal") > kLargestWal)
            return fail(ErrorKind::busy,
                        "a reader has held it for so long that its -wal has grown too large; end "
                        "that reader");
    }
    auto done =
        in_transaction(impl_->database.get(), [this, &batch] { return impl_->write(batch); });
    if (!done) {
        for (Statement* each :
             {&impl_->insert_row, &impl_->insert_transition, &impl_->insert_event})
            each->reset();
        return done;
    }
    // Of those that records told, numbers stay unused.
    impl_->events_told += static_cast<std::int64_t>(batch.events.size());
    return {};
}

Result<bool> StoreFile::maintain(const Rollup::Moment& moment) {
    const auto kept = impl_->checkpoint();
    if (!kept) return tl::unexpected(kept.error());
    return impl_->rollup->slice(moment);
}

Result<bool> StoreFile::check_next(const std::function<bool()>& enough) {
    if (impl_->to_check.empty()) return false;
    const std::string table = impl_->to_check.back();
    impl_->to_check.pop_back();
    sqlite3* const open = impl_->database.get();
    sqlite3_progress_handler(
        open, kCheckSteps,
        [](void* asked) { return (*static_cast<const std::function<bool()>*>(asked))() ? 1 : 0; },
        const_cast<std::function<bool()>*>(&enough));
    auto statement = Statement::prepare(open, fmt::format("PRAGMA quick_check({})", table));
    Result<bool> found = false;
    if (statement) found = statement->step();
    const std::string said = found && *found ? statement->text(0) : std::string("ok");
    sqlite3_progress_handler(open, 0, nullptr, nullptr);
    if (!statement) return tl::unexpected(statement.error());
    if (!found && (found.error().code & 0xFF) == SQLITE_INTERRUPT) return true;
    if (!found) return tl::unexpected(found.error());
    if (said != "ok")
        return fail(ErrorKind::invalid_input, fmt::format("is damaged: {}", said), kDamaged);
    return true;
}

bool StoreFile::in_place() const {
    struct stat found {};
    return ::stat(impl_->options.path.c_str(), &found) == 0 && found.st_dev == impl_->device &&
           found.st_ino == impl_->inode;
}

bool StoreFile::is_new() const {
    return impl_->made;
}

std::int64_t StoreFile::bytes() const {
    return size_of(impl_->options.path) + size_of(impl_->options.path + "-wal");
}

bool is_damage(const Error& error) {
    const int code = error.code & 0xFF;
    return error.kind == ErrorKind::invalid_input &&
           (code == SQLITE_CORRUPT || code == SQLITE_NOTADB);
}

bool may_be_ours(const std::string& path) {
    // The header of a SQLite file: its first bytes, and whose file it is, the highest byte first.
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    constexpr std::size_t kOwnerAt = 68;
    std::array<char, kOwnerAt + 4> header{};
    const Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    const bool whole = file.get() >= 0 && ::read(file.get(), header.data(), header.size()) ==
                                              static_cast<ssize_t>(header.size());
    struct stat beside {};
    if (!whole || std::string_view(header.data(), kMagic.size()) != kMagic)
        return ::stat((path + "-wal").c_str(), &beside) == 0;
    std::uint32_t owner = 0;
    for (std::size_t i = kOwnerAt; i < header.size(); ++i)
        owner = owner << 8U | static_cast<unsigned char>(header[i]);
    return owner == kApplicationId;
}

Result<std::string> set_aside(const std::string& path, const std::string& stamp) {
    const std::string kept = fmt::format("{}.corrupt-{}", path, stamp);
    if (std::rename(path.c_str(), kept.c_str()) != 0) return errno_failure("cannot be renamed");
    for (const char* const beside : {"-wal", "-shm"})
        (void)std::rename((path + beside).c_str(), (kept + beside).c_str());
    return kept;
}

}  // namespace wanctl::history
