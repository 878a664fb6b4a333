// A child process of a test: runs a function, ends without the parent's destructors.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace wanctl::test {

class Child {
  public:
    explicit Child(const std::function<int()>& run) : pid_(::fork()) {
        if (pid_ == 0) ::_exit(run());
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) kill_hard();
    }

    [[nodiscard]] pid_t pid() const { return pid_; }

    // Exit code, or minus the signal it died of.
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    void kill_hard() {
        ::kill(pid_, SIGKILL);
        wait();
    }

  private:
    pid_t pid_;
};

}  // namespace wanctl::test
