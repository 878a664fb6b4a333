// The ring's memory order, proved on a small model: shm/ring.hpp itself runs on relacy's atomics,
// which explore every interleaving and every value a load may return under the C++ memory model. No
// stress test on x86 can find what this finds, because that machine hides missing fences. The two
// variants without a fence must fail: they show that the model would notice.
#include <cstdint>
#include <iostream>
#include <string_view>

#include "shm/ring.hpp"
// After the ring: relacy redefines words such as `new` and `assert`.
#include <relacy/relacy.hpp>

namespace {

struct ModelAtomics {
    using Word64 = rl::atomic<std::uint64_t>;
    using Word32 = rl::atomic<std::uint32_t>;

    template <typename Word>
    static auto load_relaxed(const Word& word) {
        return word.load(rl::mo_relaxed, RL_INFO);
    }
    template <typename Word>
    static auto load_acquire(const Word& word) {
        return word.load(rl::mo_acquire, RL_INFO);
    }
    template <typename Word, typename Value>
    static void store_relaxed(Word& word, Value value) {
        word.store(value, rl::mo_relaxed, RL_INFO);
    }
    template <typename Word, typename Value>
    static void store_release(Word& word, Value value) {
        word.store(value, rl::mo_release, RL_INFO);
    }
    static void fence_acquire() { rl::atomic_thread_fence(rl::mo_acquire, RL_INFO); }
    static void fence_release() { rl::atomic_thread_fence(rl::mo_release, RL_INFO); }
};

struct WithoutWriterFence : ModelAtomics {
    static void fence_release() {}
};

struct WithoutReaderFence : ModelAtomics {
    static void fence_acquire() {}
};

struct Record {
    std::uint64_t first;
    std::uint64_t second;
};

constexpr std::uint64_t first_of(std::uint64_t number) {
    return 10 * number + 3;
}
constexpr std::uint64_t second_of(std::uint64_t number) {
    return 20 * number + 7;
}

enum class Reading { by_number, newest };

// Thread 0 publishes, thread 1 reads.
template <typename Atomics, std::uint64_t Records, Reading How, int Reads = 2>
struct Model : rl::test_suite<Model<Atomics, Records, How, Reads>, 2> {
    using Ring = wanctl::shm::Ring<Record, 2, Atomics>;
    using Status = wanctl::shm::ReadStatus;

    typename Atomics::Word64 head;
    typename Atomics::Word32 doorbell;
    typename Ring::Slot slots[Ring::kSlots];

    void before() {
        Atomics::store_relaxed(head, std::uint64_t{0});
        Atomics::store_relaxed(doorbell, std::uint32_t{0});
        for (auto& slot : slots) {
            Atomics::store_relaxed(slot.sequence, std::uint64_t{0});
            for (auto& word : slot.payload) Atomics::store_relaxed(word, std::uint64_t{0});
        }
    }

    void thread(unsigned index) {
        if (index == 0) {
            write();
        } else {
            read();
        }
    }

    void write() {
        wanctl::shm::RingWriter<Ring> writer({&head, &doorbell, slots});
        for (std::uint64_t n = 0; n < Records; ++n) {
            writer.store(Record{first_of(n), second_of(n)});
        }
    }

    void read() {
        const wanctl::shm::RingReader<Ring> reader({&head, &doorbell, slots});
        std::uint64_t least = 0;
        for (int i = 0; i < Reads; ++i) {
            Record record{};
            std::uint64_t number = 0;
            if (look(reader, record, number) != Status::ok) continue;
            RL_ASSERT(record.first == first_of(number));
            RL_ASSERT(record.second == second_of(number));
            RL_ASSERT(number >= least);
            least = number;
        }
    }

    static Status look(const wanctl::shm::RingReader<Ring>& reader, Record& record,
                       std::uint64_t& number) {
        if constexpr (How == Reading::newest) {
            return reader.read_newest(record, number);
        } else {
            const std::uint64_t published = reader.head();
            if (published == 0) return Status::empty;
            number = published - 1;
            const Status status = reader.read(number, record);
            // What the head announces is complete: it can be overwritten, never be missing.
            RL_ASSERT(status != Status::not_yet);
            return status;
        }
    }
};

template <typename Suite>
rl::test_result_e run(std::string_view title, rl::scheduler_type_e scheduler,
                      rl::iteration_t iterations) {
    // A stream without a buffer: relacy replaces operator new, and a string stream would mix the
    // two.
    std::ostream silence(nullptr);
    rl::test_params params;
    params.search_type = scheduler;
    params.iteration_count = iterations;
    params.output_stream = &silence;
    params.progress_stream = &silence;
    rl::simulate<Suite>(params);
    std::cout << title << ": " << rl::test_result_str(params.test_result) << " after "
              << params.stop_iteration << " interleavings" << std::endl;
    return params.test_result;
}

bool expect(bool met, std::string_view what) {
    if (!met) std::cout << "FAILED: " << what << '\n';
    return met;
}

}  // namespace

int main() {
    constexpr std::uint64_t kRecords = 3;
    constexpr rl::iteration_t kRandomRuns = 300'000;
    using Good = Model<ModelAtomics, kRecords, Reading::by_number>;
    bool met = true;
    met &= expect(run<Good>("every interleaving", rl::sched_full, 0) == rl::test_result_success,
                  "a reader got a torn, lost or older record");
    using Longer = Model<ModelAtomics, 2 * kRecords, Reading::newest>;
    met &= expect(run<Longer>("random walks, newest with retries", rl::sched_random, kRandomRuns) ==
                      rl::test_result_success,
                  "a reader of the newest got a torn or older record");
    // The latch of the slow facts is this ring of two, asked for the newest.
    using Latch = Model<ModelAtomics, kRecords, Reading::newest, 1>;
    met &= expect(
        run<Latch>("the latch, every interleaving", rl::sched_full, 0) == rl::test_result_success,
        "a reader of the latch got torn or older facts");
    using LatchNoWriter = Model<WithoutWriterFence, kRecords, Reading::newest, 1>;
    met &= expect(run<LatchNoWriter>("the latch without the writer's fence", rl::sched_full, 0) ==
                      rl::test_result_user_assert_failed,
                  "the model of the latch does not notice a missing writer fence");
    using LatchNoReader = Model<WithoutReaderFence, kRecords, Reading::newest, 1>;
    met &= expect(run<LatchNoReader>("the latch without the reader's fence", rl::sched_full, 0) ==
                      rl::test_result_user_assert_failed,
                  "the model of the latch does not notice a missing reader fence");
    using NoWriter = Model<WithoutWriterFence, kRecords, Reading::by_number>;
    met &= expect(run<NoWriter>("without the writer's fence", rl::sched_full, 0) ==
                      rl::test_result_user_assert_failed,
                  "the model does not notice a missing writer fence");
    using NoReader = Model<WithoutReaderFence, kRecords, Reading::by_number>;
    met &= expect(run<NoReader>("without the reader's fence", rl::sched_full, 0) ==
                      rl::test_result_user_assert_failed,
                  "the model does not notice a missing reader fence");
    return met ? 0 : 1;
}
