// One POSIX shared-memory object, opened and mapped by Boost.Interprocess; its exceptions become
// values here.
//
// Touching mapped memory can raise SIGBUS in two cases: the object was made shorter by somebody
// with write access, or the file system could not give a page. The writer reserves all pages before
// mapping and never truncates; readers check the exact size before mapping, and no reader maps an
// object writable by others than its owner. What remains is a hostile owner: a program that must
// survive it installs a handler (the tool exits 3).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "common/error.hpp"

namespace wanctl::shm {

enum class Access { read_only, read_write };

class SharedObject {
  public:
    // A new, empty object of mode 0640; an existing one of that name is an error.
    [[nodiscard]] static Result<SharedObject> create(const std::string& object_name);
    // An existing regular object. Errors: not_found, permission, invalid_input (a symbolic link,
    // directory, FIFO ...).
    [[nodiscard]] static Result<SharedObject> open(const std::string& object_name, Access access);
    // Removes the name; whoever has the object mapped keeps it.
    static void unlink(const std::string& object_name);

    SharedObject(SharedObject&&) noexcept;
    SharedObject& operator=(SharedObject&&) noexcept;
    ~SharedObject();

    // Maps the first `bytes`; the object must be at least that long.
    [[nodiscard]] Result<std::byte*> map(std::size_t bytes);

    [[nodiscard]] int fd() const;
    // nullptr before map().
    [[nodiscard]] std::byte* data() const;

  private:
    struct Impl;
    explicit SharedObject(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::shm
