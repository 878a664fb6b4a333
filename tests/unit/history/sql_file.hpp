// A database as a test looks at it: a connection of its own, questions in SQL, answers as text.
#pragma once

#include <memory>
#include <string>

#include <sqlite3.h>

#include "tests/support/catch.hpp"

namespace wanctl::test {

class SqlFile {
  public:
    explicit SqlFile(const std::string& path = ":memory:") {
        sqlite3* opened = nullptr;
        const int code = sqlite3_open(path.c_str(), &opened);
        handle_.reset(opened);
        REQUIRE(code == SQLITE_OK);
        sqlite3_busy_timeout(opened, 5'000);
    }
    [[nodiscard]] sqlite3* get() const { return handle_.get(); }
    void run(const std::string& sql) const {
        INFO(sql);
        char* message = nullptr;
        const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, &message);
        const std::string said = message == nullptr ? "" : message;
        sqlite3_free(message);
        INFO(said);
        REQUIRE(code == SQLITE_OK);
    }
    // The first column of the first row; "NULL" as SQL has it, "" without a row.
    [[nodiscard]] std::string one(const std::string& sql) const {
        INFO(sql);
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(get(), sql.c_str(), -1, &statement, nullptr);
        INFO(sqlite3_errmsg(get()));
        REQUIRE(statement != nullptr);
        std::string text;
        if (sqlite3_step(statement) == SQLITE_ROW) {
            const auto* value = sqlite3_column_text(statement, 0);
            text = value == nullptr ? "NULL" : reinterpret_cast<const char*>(value);
        }
        const int code = sqlite3_finalize(statement);
        INFO(sqlite3_errmsg(get()));
        REQUIRE(code == SQLITE_OK);
        return text;
    }

  private:
    std::unique_ptr<sqlite3, decltype(&sqlite3_close)> handle_{nullptr, &sqlite3_close};
};

}  // namespace wanctl::test
