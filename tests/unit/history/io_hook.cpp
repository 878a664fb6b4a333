#include "tests/unit/history/io_hook.hpp"

#include <signal.h>

#include <cstdlib>
#include <map>

#include <sqlite3.h>

namespace wanctl::test {

namespace {

struct Hooked {
    std::function<int(std::string_view)> hook;
    sqlite3_vfs* base = nullptr;
    sqlite3_vfs vfs{};
    // SQLite has a set of methods for files with locks and one for those without.
    std::map<const sqlite3_io_methods*, sqlite3_io_methods> replaced;
};

Hooked& hooked() {
    static Hooked one;
    return one;
}

const sqlite3_io_methods& base_of(const sqlite3_file* file) {
    for (const auto& [base, ours] : hooked().replaced)
        if (&ours == file->pMethods) return *base;
    std::abort();
}

int asked(std::string_view what) {
    return hooked().hook ? hooked().hook(what) : SQLITE_OK;
}

int hooked_write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    const int answer = asked("write");
    if (answer == kDieHalfWay) {
        (void)base_of(file).xWrite(file, data, bytes / 2, at);
        ::raise(SIGKILL);
    }
    if (answer != SQLITE_OK) return answer;
    return base_of(file).xWrite(file, data, bytes, at);
}

int hooked_truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int answer = asked("truncate");
    if (answer == kDieHalfWay) ::raise(SIGKILL);
    if (answer != SQLITE_OK) return answer;
    return base_of(file).xTruncate(file, size);
}

int hooked_sync(sqlite3_file* file, int flags) {
    const int answer = asked("sync");
    if (answer == kDieHalfWay) ::raise(SIGKILL);
    if (answer != SQLITE_OK) return answer;
    return base_of(file).xSync(file, flags);
}

int hooked_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    Hooked& all = hooked();
    const int code = all.base->xOpen(all.base, name, file, flags, out);
    if (file->pMethods == nullptr) return code;
    const auto [ours, fresh] = all.replaced.try_emplace(file->pMethods, *file->pMethods);
    if (fresh) {
        ours->second.xWrite = &hooked_write;
        ours->second.xTruncate = &hooked_truncate;
        ours->second.xSync = &hooked_sync;
    }
    file->pMethods = &ours->second;
    return code;
}

}  // namespace

void on_write(std::function<int(std::string_view)> hook) {
    Hooked& all = hooked();
    if (all.base == nullptr) {
        all.base = sqlite3_vfs_find(nullptr);
        all.vfs = *all.base;
        all.vfs.zName = "hooked";
        all.vfs.pNext = nullptr;
        all.vfs.xOpen = &hooked_open;
        sqlite3_vfs_register(&all.vfs, 1);
    }
    all.hook = std::move(hook);
}

}  // namespace wanctl::test
