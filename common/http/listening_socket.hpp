// A socket that listens: at an address and port, or at a path.
#pragma once

#include <string>

#include <sys/types.h>

#include "common/error.hpp"
#include "common/fd.hpp"

namespace wanctl::http {

// Does not block. What connects waits in the kernel until accept().
class ListeningSocket {
  public:
    // "127.0.0.1:9101" or "[::1]:9101".
    [[nodiscard]] static Result<ListeningSocket> at_address(const std::string& listen);
    // A Unix socket for the process's user and group (mode 0660). What a process that is gone left
    // there is replaced; a socket somebody listens on, and a file that is no socket, is an error.
    // The path goes with the object, unless it has become another's.
    [[nodiscard]] static Result<ListeningSocket> at_path(const std::string& path);

    ListeningSocket(ListeningSocket&& other) noexcept = default;
    ListeningSocket& operator=(ListeningSocket&& other) noexcept = delete;
    ~ListeningSocket();

    [[nodiscard]] int get() const { return socket_.get(); }
    // The next connection; Error::code is EAGAIN when there is none.
    [[nodiscard]] Result<Fd> accept() const;

  private:
    explicit ListeningSocket(Fd socket) : socket_(std::move(socket)) {}

    Fd socket_;
    std::string path_;  // empty: none
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace wanctl::http
