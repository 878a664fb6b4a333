#include "autorate/probe/icmp_probe.hpp"

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace wanctl::probe {

namespace {

// A flood must not keep the loop from its timer: the rest is read at the next wake-up.
constexpr int kBatchesAtOnce = 8;

// The wall clock read between two close readings of the steady one. A preemption in between would
// look like a step of the wall clock, hence up to three attempts.
Instant read_clocks(const Clock& clock) {
    constexpr Nanos kClose = std::chrono::microseconds(100);
    Instant now{clock.steady(), clock.wall()};
    for (int attempt = 0; attempt < 3; ++attempt) {
        const SteadyTime after = clock.steady();
        if (after - now.steady < kClose) break;
        now = Instant{after, clock.wall()};
    }
    return now;
}

// Room for the one wait operation that is ever pending; Asio's own recycling is shared with every
// other operation of the thread and may be taken.
class WaitMemory {
  public:
    void* allocate(std::size_t size) {
        if (in_use_ || size > sizeof room_) return ::operator new(size);
        in_use_ = true;
        return room_.data();
    }
    void deallocate(void* pointer) {
        if (pointer != room_.data()) return ::operator delete(pointer);
        in_use_ = false;
    }

  private:
    alignas(std::max_align_t) std::array<std::byte, 512> room_{};
    bool in_use_ = false;
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

}  // namespace

// Waits for the socket over and over. Its state is shared with the pending operation, which the
// loop may destroy or complete after the probe is gone.
class IcmpProbe::Readiness {
  public:
    Readiness(boost::asio::io_context& loop, int descriptor, IcmpProbe& owner)
        : descriptor_(loop, descriptor), state_(std::make_shared<State>()) {
        state_->owner = &owner;
        wait();
    }
    ~Readiness() {
        state_->owner = nullptr;
        // The socket closes its descriptor itself.
        descriptor_.release();
    }
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

  private:
    using Descriptor =
        boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

    struct State {
        IcmpProbe* owner = nullptr;
        WaitMemory memory;
    };

    struct Handler {
        using allocator_type = WaitAllocator<void>;

        std::shared_ptr<State> state;

        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type(state->memory);
        }
        void operator()(const boost::system::error_code& failure) const {
            if (failure || state->owner == nullptr) return;
            state->owner->ready();
        }
    };

    friend class IcmpProbe;

    // The error queue raises EPOLLERR, on which Asio completes every kind of wait: one for reading
    // serves both queues. Starting a wait looks at the descriptor anew, so what was left unread
    // wakes again.
    void wait() { descriptor_.async_wait(Descriptor::wait_read, Handler{state_}); }

    Descriptor descriptor_;
    std::shared_ptr<State> state_;
};

Result<std::unique_ptr<IcmpProbe>> IcmpProbe::open(boost::asio::io_context& loop,
                                                   const Clock& clock, const ProbeConfig& config,
                                                   const ProbeTiming& timing, SocketKind kind) {
    const auto reflectors = parse_reflectors(config.reflectors);
    if (!reflectors) return tl::unexpected(reflectors.error());
    SocketSettings wanted{kind, std::nullopt, config.interface};
    if (!config.source_address.empty()) {
        wanted.source = parse_ipv4(config.source_address);
        if (!wanted.source) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.source_address: \"{}\" is not a numeric IPv4 address",
                                    config.source_address));
        }
    }
    auto socket = IcmpSocket::open(wanted);
    if (!socket) return tl::unexpected(socket.error());
    TrackerSettings settings;
    settings.reflectors = *reflectors;
    settings.interval = timing.interval;
    settings.timeout = config.timeout;
    settings.per_reflector_hz = config.per_reflector_hz;
    settings.blackout_after = timing.blackout_after;
    return std::unique_ptr<IcmpProbe>(new IcmpProbe(loop, clock, std::move(*socket), settings));
}

IcmpProbe::IcmpProbe(boost::asio::io_context& loop, const Clock& clock,
                     std::unique_ptr<IcmpSocket> socket, const TrackerSettings& settings)
    : clock_(clock),
      socket_(std::move(socket)),
      tracker_(settings),
      readiness_(std::make_unique<Readiness>(loop, socket_->descriptor(), *this)) {}

IcmpProbe::~IcmpProbe() = default;

void IcmpProbe::on_slot_complete(std::function<void()> handler) {
    slot_complete_ = std::move(handler);
}

int IcmpProbe::begin_slot(std::uint64_t slot) {
    const Instant start = read_clocks(clock_);
    const auto echoes = tracker_.open_slot(slot, start);
    told_complete_ = false;
    if (!echoes.empty()) {
        socket_->send(echoes);
        // Most devices stamp within the send call: read now what would else wake the loop.
        read_stamps();
    }
    send_work_ = clock_.steady() - start.steady;
    return static_cast<int>(echoes.size());
}

SlotResult IcmpProbe::close_slot(SteadyTime now, Nanos baseline) {
    // After a stall of the program the replies may be waiting behind the timer that closes the
    // slot.
    if (tracker_.has_overdue(now)) read_all();
    SlotResult result = tracker_.close(now, baseline);
    result.send_work = std::exchange(send_work_, Nanos::zero());
    result.receive_work = std::exchange(receive_work_, Nanos::zero());
    return result;
}

SocketKind IcmpProbe::socket_kind() const {
    return socket_->kind();
}

const SocketCounters& IcmpProbe::counters() const {
    return socket_->counters();
}

void IcmpProbe::ready() {
    const SteadyTime start = clock_.steady();
    read_all();
    readiness_->wait();
    receive_work_ += clock_.steady() - start;
    if (tracker_.complete() && !told_complete_) {
        told_complete_ = true;
        if (slot_complete_) slot_complete_();
    }
}

void IcmpProbe::read_all() {
    if (tracker_.awaits_stamps()) read_stamps();
    // Woken without a reply: it is the error queue, which must be emptied or it wakes us for ever.
    if (read_replies() == 0) read_stamps();
}

std::size_t IcmpProbe::read_replies() {
    std::size_t total = 0;
    for (int batch = 0; batch < kBatchesAtOnce; ++batch) {
        const auto packets = socket_->read_packets();
        if (packets.empty()) break;
        const Instant read = read_clocks(clock_);
        for (const ReceivedPacket& packet : packets) {
            if (packet.parsed) {
                tracker_.reply({*packet.parsed, packet.from, packet.stamp, read});
            } else {
                tracker_.count(packet.parsed.error());
            }
        }
        total += packets.size();
        if (packets.size() < IcmpSocket::kBatch) break;
    }
    return total;
}

void IcmpProbe::read_stamps() {
    for (int batch = 0; batch < kBatchesAtOnce; ++batch) {
        const auto read = socket_->read_stamps();
        for (const TransmitStamp& stamp : read.stamps) {
            tracker_.transmit_stamp(stamp.number, stamp.time);
        }
        if (read.emptied) break;
    }
}

}  // namespace wanctl::probe
