// The receiving end of sd_notify: what a service manager would hear of a daemon.
#pragma once

#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace wanctl::test {

class NotifySocket {
  public:
    NotifySocket();
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // For the daemon's NOTIFY_SOCKET.
    [[nodiscard]] const std::string& path() const { return path_; }
    // Every assignment heard so far, such as "READY=1", in order.
    [[nodiscard]] const std::vector<std::string>& heard();
    [[nodiscard]] std::size_t count(const std::string& assignment);

  private:
    TempDir dir_;
    std::string path_;
    int fd_ = -1;
    std::vector<std::string> heard_;
};

}  // namespace wanctl::test
