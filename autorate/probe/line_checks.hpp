// Rounds of checks beside the reflectors: an echo to the gateway and a TCP connect to each target,
// all at once and non-blocking. Allocates; runs rarely.
//
// Targets by name are looked up by the helper thread, again when they do not answer; a new address
// is asked beside the old one until it answers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "autorate/notice.hpp"
#include "autorate/probe/check_targets.hpp"
#include "autorate/probe/echo_sockets.hpp"
#include "autorate/probe/fallback.hpp"
#include "autorate/probe/name_lookups.hpp"
#include "common/clock.hpp"
#include "common/error.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl::probe {

class LineChecks {
  public:
    using Done = std::function<void(const CheckOutcome&)>;

    // What has not answered by then does not answer in this round.
    static constexpr Nanos kPatience = std::chrono::milliseconds(900);

    // `loop` and `clock` outlive it. Checks leave as `socket` says, like the echoes to reflectors:
    // its source binds those of its family, its interface all. `look_up` is for names.
    [[nodiscard]] static Result<std::unique_ptr<LineChecks>> open(boost::asio::io_context& loop,
                                                                  const Clock& clock,
                                                                  const CheckTargets& targets,
                                                                  const SocketSettings& socket,
                                                                  LookUp look_up = {});
    ~LineChecks();
    LineChecks(const LineChecks&) = delete;
    LineChecks& operator=(const LineChecks&) = delete;

    // For what is worth a line in the log. Called from the loop.
    void on_notice(TellNotice callback) { tell_notice_ = std::move(callback); }

    // To be called now and then: begins the lookups that are due.
    void look_up_names(SteadyTime now) { lookups_.begin_due(now, failing_); }

    // `done` is called once, from the loop, when all have answered or after kPatience; never after
    // the destructor. One round at a time.
    void begin(Done done);

  private:
    struct Round;
    struct Host {
        std::optional<IpAddress> address;  // in use; absent: nobody has looked the name up yet
        std::optional<IpAddress> offered;  // in use instead once it answers
        std::uint16_t port = 0;
    };
    static constexpr std::uint8_t kGateway = kMaxTcpTargets;  // among the hosts

    LineChecks(boost::asio::io_context& loop, const Clock& clock, const CheckTargets& targets,
               SocketSettings socket, LookUp look_up);
    [[nodiscard]] NameLookups::Owner owner();
    void offer(std::uint8_t host, IpAddress address);
    void ended(const Round& round);

    boost::asio::io_context& loop_;
    SocketSettings settings_;
    const Clock& clock_;
    std::array<Host, kMaxTcpTargets + 1> hosts_{};
    std::optional<EchoSockets> gateway_;
    NameLookups lookups_;
    TellNotice tell_notice_;
    std::uint16_t failing_ = 0;  // bit i: host i did not answer the last round
    std::uint64_t next_number_ = 1;
    std::shared_ptr<Round> round_;
};

}  // namespace wanctl::probe
