// Open-file-description locks: bound to our own descriptor, dropped by the kernel at any death,
// blind to other descriptors of the same file that this process closes (POSIX locks are not).
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/fd.hpp"

namespace wanctl::shm {

// Write-locks byte 0; false when somebody else holds it.
[[nodiscard]] bool lock_first_byte(int fd);
// True while somebody else holds that lock. Needs no write access.
[[nodiscard]] bool first_byte_locked(int fd);

// The exclusive right to be the writer of a name, for the life of this object. It is a private file
// (mode 0600) beside the segment, because a lock on the segment itself could be blocked by any
// reader.
class LifetimeLock {
  public:
    // Error busy: another process holds it (its pid is in the text), or the file belongs to another
    // user.
    [[nodiscard]] static Result<LifetimeLock> acquire(std::string_view name);

  private:
    explicit LifetimeLock(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

}  // namespace wanctl::shm
