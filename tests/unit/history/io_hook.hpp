// Steps in where SQLite writes: a test can make a write fail, take long, or be this process's last
// deed. For one test program; nothing is hooked until on_write() is called.
#pragma once

#include <functional>
#include <string_view>

namespace wanctl::test {

// Asked before each write, truncation and sync of any file; `what` is "write", "truncate" or
// "sync". Returns SQLITE_OK (0) to go on, or the code to fail with. Empty: nothing is hooked.
void on_write(std::function<int(std::string_view what)> hook);

// The hook's answer for a write that only its first half reaches the disk of, and the process's end
// by SIGKILL.
inline constexpr int kDieHalfWay = -1;

}  // namespace wanctl::test
