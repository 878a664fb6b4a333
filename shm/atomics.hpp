// How the ring touches shared words. The ring is written against this policy so that the very same
// protocol runs on mapped memory and inside the memory-model checker of tests/stress.
#pragma once

#include <atomic>
#include <cstdint>

namespace wanctl::shm {

// Plain words in mapped memory, reached through std::atomic_ref only.
struct MappedAtomics {
    using Word64 = std::uint64_t;
    using Word32 = std::uint32_t;

    static_assert(std::atomic_ref<Word64>::is_always_lock_free);
    static_assert(std::atomic_ref<Word32>::is_always_lock_free);
    static_assert(std::atomic_ref<Word64>::required_alignment <= alignof(Word64));

    template <typename Word>
    static Word load_relaxed(const Word& word) {
        return ref(word).load(std::memory_order_relaxed);
    }
    template <typename Word>
    static Word load_acquire(const Word& word) {
        return ref(word).load(std::memory_order_acquire);
    }
    template <typename Word>
    static void store_relaxed(Word& word, Word value) {
        std::atomic_ref<Word>(word).store(value, std::memory_order_relaxed);
    }
    template <typename Word>
    static void store_release(Word& word, Word value) {
        std::atomic_ref<Word>(word).store(value, std::memory_order_release);
    }
    static void fence_acquire() { std::atomic_thread_fence(std::memory_order_acquire); }
    static void fence_release() { std::atomic_thread_fence(std::memory_order_release); }

  private:
    // atomic_ref<const T> does not exist in C++20. Used for loads only: a load of a lock-free word
    // never writes, so a read-only mapping is safe.
    template <typename Word>
    static std::atomic_ref<Word> ref(const Word& word) {
        return std::atomic_ref<Word>(const_cast<Word&>(word));
    }
};

}  // namespace wanctl::shm
