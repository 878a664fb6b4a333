// The ICMP probe of one WAN on the daemon's loop: socket, bookkeeping and readiness put together.
//
//     begin_slot -> (replies arrive, on_slot_complete fires when all are here) -> close_slot
//
// Nothing is allocated from begin_slot to close_slot. All calls come from the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <utility>

#include <boost/asio/io_context.hpp>

#include "autorate/probe/icmp_socket.hpp"
#include "autorate/probe/slot_result.hpp"
#include "autorate/probe/slot_tracker.hpp"
#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl::probe {

struct ProbeTiming {
    Nanos interval{};        // of the slots
    Nanos blackout_after{};  // fallback.max
};

class IcmpProbe {
  public:
    // `loop` and `clock` outlive the probe. Errors name the setting or the missing permission.
    [[nodiscard]] static Result<std::unique_ptr<IcmpProbe>> open(
        boost::asio::io_context& loop, const Clock& clock, const ProbeConfig& config,
        const ProbeTiming& timing, SocketKind kind = SocketKind::automatic);
    ~IcmpProbe();
    IcmpProbe(const IcmpProbe&) = delete;
    IcmpProbe& operator=(const IcmpProbe&) = delete;

    // Called from the loop, once a slot at most, when the open slot's last echo is answered. It may
    // close the slot and open the next one, but not destroy the probe.
    void on_slot_complete(std::function<void()> handler);

    // Sends the slot's echoes. Returns how many: 0 means that it is nobody's turn, so close at
    // once.
    int begin_slot(std::uint64_t slot);
    // `baseline`: the idle RTT as known now, zero before.
    [[nodiscard]] SlotResult close_slot(SteadyTime now, Nanos baseline);

    [[nodiscard]] SocketKind socket_kind() const;
    [[nodiscard]] const SocketCounters& counters() const;

  private:
    class Readiness;

    IcmpProbe(boost::asio::io_context& loop, const Clock& clock, std::unique_ptr<IcmpSocket> socket,
              const TrackerSettings& settings);
    void ready();
    void read_all();
    std::size_t read_replies();
    void read_stamps();

    const Clock& clock_;
    std::unique_ptr<IcmpSocket> socket_;
    SlotTracker tracker_;
    std::function<void()> slot_complete_;
    bool told_complete_ = false;
    Nanos send_work_{};
    Nanos receive_work_{};
    std::unique_ptr<Readiness> readiness_;
};

}  // namespace wanctl::probe
