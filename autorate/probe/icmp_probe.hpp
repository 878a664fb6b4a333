// The ICMP probe of one WAN on the daemon's loop: sockets, bookkeeping and readiness put together.
//
//     begin_slot -> (replies arrive, on_slot_complete fires when all are here) -> close_slot
//
// Nothing is allocated from begin_slot to close_slot. All calls come from the loop's thread.
//
// The kernel stamps the replies, so nothing is gained by reading each at once, and a wake-up costs
// more than all the rest: the probe sleeps until the slowest reflector should have answered, and
// listens from then on. Without kernel receive stamps it listens all the time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <utility>

#include <boost/asio/io_context.hpp>

#include "autorate/notice.hpp"
#include "autorate/probe/echo_sockets.hpp"
#include "autorate/probe/fallback.hpp"
#include "autorate/probe/icmp_socket.hpp"
#include "autorate/probe/line_checks.hpp"
#include "autorate/probe/look_up.hpp"
#include "autorate/probe/name_lookups.hpp"
#include "autorate/probe/send_troubles.hpp"
#include "autorate/probe/slot_result.hpp"
#include "autorate/probe/slot_tracker.hpp"
#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl::probe {

struct ProbeTiming {
    Nanos interval{};         // of the slots
    FallbackConfig fallback;  // when the line is blind; nothing to ask: nothing is asked
    Nanos blocked_after{};    // see TrackerSettings
    Nanos late_until{};       // see TrackerSettings
    LookUp look_up;           // for hosts by name; empty: there are none
};

// What the law knows of the line, for the probe to judge by.
struct LineView {
    Nanos baseline{};  // the idle RTT, zero before it is known
    Nanos load{};      // the present average
};

class Wakeup;

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

    // For what is worth a line in the log. Called from within begin_slot() and close_slot(), and
    // from the loop when a lookup ends.
    void on_notice(TellNotice callback) { tell_notice_ = std::move(callback); }

    // Sends the slot's echoes. Returns how many the system took: 0 means that there is nothing to
    // wait for, so close at once.
    int begin_slot(std::uint64_t slot);
    [[nodiscard]] SlotResult close_slot(SteadyTime now, const LineView& line);

    // Of its first socket.
    [[nodiscard]] SocketKind socket_kind() const;
    [[nodiscard]] SocketCounters counters() const;  // of all its sockets

  private:
    friend class Wakeup;

    struct Made;

    IcmpProbe(boost::asio::io_context& loop, const Clock& clock, Made made);
    int send(std::span<const Echo> echoes, SteadyTime now);
    void tell(const Notice& notice) const;
    void tell_news();
    [[nodiscard]] NameLookups::Owner reflectors();
    void tell_fallback(const SlotResult& result);
    void ready();  // a socket is readable
    void due();    // all replies should be here
    void listen();
    void plan_wakeup(SteadyTime sent);
    void learn(const SlotResult& result);
    void collect(bool woken_by_socket);
    std::size_t read_replies(IcmpSocket& socket);
    void read_stamps();
    void read_stamps(IcmpSocket& socket);

    const Clock& clock_;
    EchoSockets sockets_;
    std::vector<std::string> names_;  // of the reflectors, as configured
    NameLookups lookups_;
    Nanos interval_;
    SlotTracker tracker_;
    Fallback fallback_;
    std::unique_ptr<LineChecks> checks_;
    FallbackState told_fallback_ = FallbackState::off;
    SendTroubles send_troubles_;
    std::function<void()> slot_complete_;
    TellNotice tell_notice_;
    bool slot_open_ = false;
    bool told_complete_ = false;
    // How long the slowest reflector takes: follows a rise at once, a fall slowly. Absent: unknown,
    // or the time of reading matters.
    std::optional<Nanos> slowest_;
    Nanos send_work_{};
    Nanos receive_work_{};
    std::unique_ptr<Wakeup> wakeup_;
};

}  // namespace wanctl::probe
