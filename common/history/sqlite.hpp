// SQLite's handles as values: a statement and its bindings, and SQLite's errors as ours.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace wanctl::history {

// What SQLite said last on this connection; `code` is its extended result code.
[[nodiscard]] tl::unexpected<Error> refusal(sqlite3* database);

// One or several statements without results.
[[nodiscard]] Result<void> run(sqlite3* database, const std::string& sql);
// The first column of the first row; 0 without one.
[[nodiscard]] Result<std::int64_t> number(sqlite3* database, const std::string& sql);

// A statement prepared once. Movable; gone before its connection is closed.
class Statement {
  public:
    Statement() = default;
    [[nodiscard]] static Result<Statement> prepare(sqlite3* database, const std::string& sql);

    // Places count from 1. Texts must live until reset().
    void bind(int place, std::int64_t value);
    void bind(int place, const std::optional<std::int64_t>& value);
    void bind_text(int place, std::string_view value);
    void bind_blob(int place, std::string_view value);

    // True: a row is there to be read; false: done.
    [[nodiscard]] Result<bool> step();
    // Steps once to the end of a statement without rows, and resets. How many rows it changed.
    [[nodiscard]] Result<int> execute();
    void reset();

    // Of the present row, columns from 0.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::optional<std::int64_t> maybe(int column) const;
    [[nodiscard]] std::string text(int column) const;
    // Until the next step.
    [[nodiscard]] std::span<const unsigned char> blob(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace wanctl::history
