// One object that a test and the processes it forks have in common.
#pragma once

#include <sys/mman.h>

#include <new>
#include <stdexcept>

namespace wanctl::test {

// T holds atomics or what one process alone writes. It is not destroyed in the children.
template <typename T>
class SharedMemory {
  public:
    SharedMemory() {
        void* const memory =
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::runtime_error("no memory to share");
        object_ = new (memory) T{};
    }
    ~SharedMemory() {
        object_->~T();
        ::munmap(object_, sizeof(T));
    }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    [[nodiscard]] T& operator*() const { return *object_; }
    [[nodiscard]] T* operator->() const { return object_; }

  private:
    T* object_;
};

}  // namespace wanctl::test
