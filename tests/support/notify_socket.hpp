// The receiving end of sd_notify: what a service manager would hear of a daemon.
#pragma once

#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/support/temp_dir.hpp"

namespace wanctl::test {

class NotifySocket {
  public:
    // At a path of its own, or at an abstract name (without the "@").
    explicit NotifySocket(const std::string& abstract_name = "");
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // For the daemon's NOTIFY_SOCKET.
    [[nodiscard]] const std::string& path() const { return path_; }
    // Every assignment heard so far, such as "READY=1", in order.
    [[nodiscard]] const std::vector<std::string>& heard();
    // Leaves no room for anybody's next word, until it is heard again; what fills it is "FILL=1".
    void fill();
    [[nodiscard]] std::size_t count(const std::string& assignment);

  private:
    TempDir dir_;
    std::string path_;
    int fd_ = -1;
    sockaddr_un address_{};
    socklen_t address_size_ = 0;
    std::vector<std::string> heard_;
};

}  // namespace wanctl::test
