// A history's file as a reader has it: opened read-only, whatever its writer does meanwhile.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "common/history/layout.hpp"

struct sqlite3;

namespace wanctl::history {

class HistoryFile {
  public:
    // With a -wal file beside it, it is read together with what its writer has committed so far;
    // without one nobody writes, and it is taken as it lies (immutable), so that a reader neither
    // needs to write in that directory nor leaves anything there. Errors name the file and the
    // remedy: not_found, permission, busy, invalid_input for a damaged file or another program's,
    // unsupported for a newer version that lacks what this one reads.
    [[nodiscard]] static Result<HistoryFile> open(const std::string& path);

    [[nodiscard]] sqlite3* database() const { return handle_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const std::string& wan() const { return wan_; }
    [[nodiscard]] const Layout& layout() const { return *layout_; }
    // What the operator should know of how it is read; empty for nothing.
    [[nodiscard]] const std::string& note() const { return note_; }

    // To be called before a span is read, with no statement of its own alive: what was at rest when
    // it was opened may have a writer now.
    [[nodiscard]] Result<void> refresh();
    // The same error with the file's name and the remedy.
    [[nodiscard]] tl::unexpected<Error> refuse(const Error& error) const;

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };

    explicit HistoryFile(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] Result<void> connect(bool immutable);
    [[nodiscard]] Result<void> identify();
    [[nodiscard]] Result<void> reconnect();

    std::string path_;
    std::string wan_;
    const Layout* layout_ = nullptr;
    std::string note_;
    bool at_rest_ = false;
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace wanctl::history
