// The way to the service manager's notify socket, on which nothing ever waits.
#pragma once

#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

#include "common/fd.hpp"

namespace wanctl {

class NoticeSocket {
  public:
    // `address` as in NOTIFY_SOCKET: a path, or an abstract name after "@". Empty, or of another
    // kind: nobody listens, and everything counts as delivered.
    explicit NoticeSocket(std::string_view address);

    // False when there is no room just now, so that the same may be tried again later. Any other
    // trouble has no remedy here: the manager itself acts when it misses something.
    [[nodiscard]] bool deliver(std::string_view notice) const;

  private:
    Fd socket_;  // none: nobody listens
    sockaddr_un to_{};
    socklen_t to_size_ = 0;
};

}  // namespace wanctl
