// Memory of their own for Asio waits that begin and end in every slot: no heap, whatever else the
// loop does.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace wanctl {

// Room for the pending operations of one kind: one that waits and one that was cancelled and not
// yet handed back. Asio's own recycling is shared with every other operation of the thread and may
// be taken.
class WaitMemory {
  public:
    void* allocate(std::size_t size) {
        for (Room& room : rooms_) {
            if (room.in_use || size > sizeof room.bytes) continue;
            room.in_use = true;
            return room.bytes.data();
        }
        return ::operator new(size);
    }
    void deallocate(void* pointer) {
        for (Room& room : rooms_) {
            if (pointer != room.bytes.data()) continue;
            room.in_use = false;
            return;
        }
        ::operator delete(pointer);
    }

  private:
    struct Room {
        alignas(std::max_align_t) std::array<std::byte, 256> bytes{};
        bool in_use = false;
    };
    std::array<Room, 2> rooms_;
};

template <typename T>
struct WaitAllocator {
    using value_type = T;

    explicit WaitAllocator(WaitMemory& from) : memory(&from) {}
    template <typename U>
    explicit WaitAllocator(const WaitAllocator<U>& other) : memory(other.memory) {}

    T* allocate(std::size_t n) { return static_cast<T*>(memory->allocate(n * sizeof(T))); }
    void deallocate(T* pointer, std::size_t) { memory->deallocate(pointer); }
    template <typename U>
    bool operator==(const WaitAllocator<U>& other) const {
        return memory == other.memory;
    }

    WaitMemory* memory;
};

}  // namespace wanctl
