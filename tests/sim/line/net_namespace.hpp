// A network namespace of our own without a name: it ends with the last descriptor, device and
// process in it.
#pragma once

#include <functional>
#include <string>

#include "common/error.hpp"
#include "common/fd.hpp"

namespace wanctl::sim {

class NetNamespace {
  public:
    // Needs CAP_SYS_ADMIN over the process's user namespace.
    [[nodiscard]] static Result<NetNamespace> create();

    // Runs `work` inside, in a thread of its own, and waits for it.
    [[nodiscard]] Result<void> run(const std::function<Result<void>()>& work) const;
    // Starts `sh -c command` inside, in a process group of its own that is killed when this
    // process ends. The process id; the caller waits for it.
    [[nodiscard]] Result<int> spawn(const std::string& command) const;

  private:
    explicit NetNamespace(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

// An error when packets could leave through a default route of the namespace the caller is in.
[[nodiscard]] Result<void> require_closed_namespace();

}  // namespace wanctl::sim
