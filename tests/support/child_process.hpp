// A program under test as a child: started, watched, read, and never left behind.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/support/temp_dir.hpp"
#include "tests/support/wait_until.hpp"

namespace wanctl::test {

// Its output goes to files of its own, so a child that prints much never blocks on an unread pipe.
// The destructor kills what still runs; the kernel does when the thread that started the child ends
// first.
class ChildProcess {
  public:
    // command[0] is looked up in PATH when it has no slash; `environment` is added to the test's
    // own. Throws when it cannot be started.
    explicit ChildProcess(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment = {});
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool running();
    void signal(int number) const;

    // Its exit code, or 128 + the signal that ended it; nothing when it still runs at the deadline.
    [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds deadline = kPatience);
    // Whether the signal that ended it left a core, wherever the system puts those.
    [[nodiscard]] bool left_core() const { return left_core_; }
    // SIGTERM, and SIGKILL at the deadline; answers as `wait` does.
    int stop(std::chrono::milliseconds deadline = kPatience);

    // All it has written so far.
    [[nodiscard]] std::string out() const;
    [[nodiscard]] std::string err() const;

  private:
    TempDir files_;
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
    bool left_core_ = false;
};

}  // namespace wanctl::test
