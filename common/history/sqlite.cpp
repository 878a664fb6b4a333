#include "common/history/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace wanctl::history {

namespace {

ErrorKind kind_of(int code) {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ErrorKind::busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorKind::invalid_input;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return ErrorKind::permission;
        default:
            return ErrorKind::system;
    }
}

}  // namespace

tl::unexpected<Error> refusal(sqlite3* database) {
    const int code = sqlite3_extended_errcode(database);
    return fail(kind_of(code), sqlite3_errmsg(database), code);
}

Result<void> run(sqlite3* database, const std::string& sql) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return refusal(database);
    return {};
}

Result<std::int64_t> number(sqlite3* database, const std::string& sql) {
    auto statement = Statement::prepare(database, sql);
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    return *row ? statement->integer(0) : 0;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Result<Statement> Statement::prepare(sqlite3* database, const std::string& sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK)
        return refusal(database);
    Statement statement;
    statement.statement_.reset(made);
    return statement;
}

void Statement::bind(int place, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), place, value);
}

void Statement::bind(int place, const std::optional<std::int64_t>& value) {
    if (value)
        bind(place, *value);
    else
        sqlite3_bind_null(statement_.get(), place);
}

void Statement::bind_text(int place, std::string_view value) {
    sqlite3_bind_text(statement_.get(), place, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
}

void Statement::bind_blob(int place, std::string_view value) {
    sqlite3_bind_blob(statement_.get(), place, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto error = refusal(sqlite3_db_handle(statement_.get()));
    reset();
    return error;
}

Result<int> Statement::execute() {
    const auto more = step();
    if (!more) return tl::unexpected(more.error());
    reset();
    return sqlite3_changes(sqlite3_db_handle(statement_.get()));
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::int64_t> Statement::maybe(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

std::string Statement::text(int column) const {
    const auto bytes = blob(column);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const unsigned char> Statement::blob(int column) const {
    const auto* data =
        static_cast<const unsigned char*>(sqlite3_column_blob(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {data, static_cast<std::size_t>(data == nullptr ? 0 : size)};
}

}  // namespace wanctl::history
