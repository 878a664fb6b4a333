// The history's file as its one writer has it: opened, written in batches, kept small, and left in
// a state that others can read whatever happens.
//
// WAL with synchronous NORMAL: what is committed survives the death of the process at any moment,
// and the file stays whole when the machine loses power; the last seconds may be missing then.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/history/batch.hpp"
#include "common/history/rollup.hpp"

namespace wanctl::history {

struct FileOptions {
    std::string path;
    std::string wan;  // or "steering"
    const Layout* layout = nullptr;
    Retention keep;
};

class StoreFile {
  public:
    // Opens the file or makes a new one (mode 0640). Never waits longer than kLockPatience.
    [[nodiscard]] static Result<StoreFile> open(const FileOptions& options);
    StoreFile(StoreFile&&) noexcept;
    StoreFile& operator=(StoreFile&&) noexcept;
    // Leaves the -wal and -shm files, so that somebody who may only read can open the file.
    ~StoreFile();

    // All of it or nothing. What is there already (of a batch whose end was in doubt) stays.
    [[nodiscard]] Result<void> commit(const Batch& batch);
    // One slice; false when there is nothing to do.
    [[nodiscard]] Result<bool> maintain(const Rollup::Moment& moment);
    // Looks at one table after the other; false when all have been seen. A table is
    // given up as soon as `enough`, asked all the time, says so.
    [[nodiscard]] Result<bool> check_next(const std::function<bool()>& enough);

    // The path leads to this very file.
    [[nodiscard]] bool in_place() const;
    [[nodiscard]] bool is_new() const;         // made by open()
    [[nodiscard]] std::int64_t bytes() const;  // with its -wal

    static constexpr int kLockPatienceMs = 100;
    // A reader that holds the file open in one transaction makes the -wal grow: above this nothing
    // is stored until it lets go.
    static constexpr std::int64_t kLargestWal = 64LL * 1024 * 1024;

  private:
    struct Impl;
    explicit StoreFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The error says that the file's content cannot be used, whoever made it so.
[[nodiscard]] bool is_damage(const Error& error);

// Whether a file with such an error can have been a history: its header says so, or is unreadable
// and a -wal lies beside it, which a history never is without. Not while this process has it open.
[[nodiscard]] bool may_be_ours(const std::string& path);

// Renames the file, its -wal and its -shm to names with `stamp` in them, and returns the file's new
// one.
[[nodiscard]] Result<std::string> set_aside(const std::string& path, const std::string& stamp);

}  // namespace wanctl::history
