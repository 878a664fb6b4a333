#include <utility>

#include "tests/sim/line/tun_line.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "tests/sim/line/net_namespace.hpp"
#include "tests/sim/line/tun_device.hpp"

namespace wanctl::sim {

namespace {

constexpr std::size_t kMaxPacket = 65536;
constexpr std::uint32_t kEthernetHeader = 14;
// Between two looks at the timer, so that departures stay on time under a flood.
constexpr int kPacketsPerTurn = 16;

}  // namespace

TunAddresses TunAddresses::of_wan(unsigned n) {
    TunAddresses wan;
    wan.device = fmt::format("wan{}", n);
    wan.client = fmt::format("198.18.{}.2", 2 * n);
    for (int i = 1; i <= 16; ++i)
        wan.reflectors.push_back(fmt::format("198.18.{}.{}", 2 * n + 1, i));
    wan.reflector_net = fmt::format("198.18.{}.0", 2 * n + 1);
    return wan;
}

bool prefer_this_thread() {
    sched_param lowest{};
    lowest.sched_priority = ::sched_get_priority_min(SCHED_RR);
    // Commands started from here are ordinary again.
    return ::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest) == 0;
}

struct TunLine::Impl {
    Impl(boost::asio::io_context& io, LiveLine& given, NetNamespace space)
        : line(&given), far(std::move(space)), devices{Device(io), Device(io)} {}
    ~Impl() {
        line->set_sink({});
        for (const int pid : far_commands) ::kill(-pid, SIGKILL);
        for (const int pid : far_commands) ::waitpid(pid, nullptr, 0);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    using Device = boost::asio::posix::stream_descriptor;

    // Packets read from the client's device go up, those of the far one down.
    [[nodiscard]] Device& source(Direction direction) {
        return devices[direction == Direction::upload ? 0 : 1];
    }
    [[nodiscard]] Device& target(Direction direction) {
        return devices[direction == Direction::upload ? 1 : 0];
    }

    void listen(Direction direction) {
        source(direction).async_wait(Device::wait_read,
                                     [this, direction](const boost::system::error_code& error) {
                                         if (error) return;
                                         take(direction);
                                         listen(direction);
                                     });
    }
    void take(Direction direction) {
        std::array<std::uint8_t, kMaxPacket> packet;
        for (int n = 0; n < kPacketsPerTurn; ++n) {
            const auto size =
                ::read(source(direction).native_handle(), packet.data(), packet.size());
            if (size <= 0) return;
            const auto bytes = static_cast<std::size_t>(size);
            if (bytes < 20 || packet[0] >> 4 != 4) {
                ++counters.refused;
                continue;
            }
            std::size_t slot = contents.size();
            if (free_slots.empty()) {
                contents.emplace_back();
            } else {
                slot = free_slots.back();
                free_slots.pop_back();
            }
            contents[slot].assign(packet.begin(), packet.begin() + size);
            line->offer(direction, {slot, flow_of_packet(packet.data(), bytes),
                                    static_cast<std::uint32_t>(bytes) + kEthernetHeader});
        }
    }
    void put(const Delivery& delivery) {
        const auto slot = static_cast<std::size_t>(delivery.tag);
        const auto& packet = contents[slot];
        if (!delivery.delivered) {
            ++counters.lost;
        } else if (::write(target(delivery.direction).native_handle(), packet.data(),
                           packet.size()) < 0) {
            ++counters.refused;
        } else {
            ++(delivery.direction == Direction::download ? counters.download : counters.upload);
        }
        free_slots.push_back(slot);
    }

    LiveLine* line;
    NetNamespace far;
    std::array<Device, 2> devices;  // client's, far
    std::vector<std::vector<std::uint8_t>> contents;
    std::vector<std::size_t> free_slots;
    std::vector<int> far_commands;
    TunCounters counters;
};

TunLine::TunLine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TunLine::~TunLine() = default;

Result<std::unique_ptr<TunLine>> TunLine::open(boost::asio::io_context& io, LiveLine& line,
                                               const TunAddresses& addresses) {
    const auto give_up = [](const Error& error) { return tl::unexpected<Error>(error); };
    if (auto closed = require_closed_namespace(); !closed) return give_up(closed.error());
    auto far = NetNamespace::create();
    if (!far) return give_up(far.error());
    Fd far_device;
    const auto far_side = far->run([&]() -> Result<void> {
        auto device = open_tun(addresses.device);
        if (!device) return tl::unexpected<Error>(device.error());
        far_device = std::move(*device);
        return configure_tun(addresses.device,
                             {addresses.reflectors, addresses.client, "255.255.255.255"});
    });
    if (!far_side) return give_up(far_side.error());
    auto device = open_tun(addresses.device);
    if (!device) return give_up(device.error());
    const auto near_side = configure_tun(
        addresses.device, {{addresses.client}, addresses.reflector_net, "255.255.255.0"});
    if (!near_side) return give_up(near_side.error());
    if (auto allowed = allow_datagram_icmp(); !allowed) return give_up(allowed.error());

    auto impl = std::make_unique<Impl>(io, line, std::move(*far));
    impl->devices[0].assign(device->release());
    impl->devices[1].assign(far_device.release());
    line.set_sink([raw = impl.get()](const Delivery& delivery) { raw->put(delivery); });
    impl->listen(Direction::upload);
    impl->listen(Direction::download);
    return std::unique_ptr<TunLine>(new TunLine(std::move(impl)));
}

Result<void> TunLine::run_far(const std::string& command) {
    auto pid = impl_->far.spawn(command);
    if (!pid) return tl::unexpected<Error>(pid.error());
    impl_->far_commands.push_back(*pid);
    return {};
}

const TunCounters& TunLine::counters() const {
    return impl_->counters;
}

}  // namespace wanctl::sim
