// One round of checks beside the reflectors: an echo to the gateway and a TCP connect to each
// target, all at once and non-blocking. Allocates; runs rarely.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "autorate/probe/fallback.hpp"
#include "autorate/probe/icmp_socket.hpp"
#include "common/clock.hpp"
#include "common/error.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl::probe {

struct CheckTargets {
    std::optional<Ipv4Address> gateway;
    struct Tcp {
        Ipv4Address address;
        std::uint16_t port = 0;
    };
    std::vector<Tcp> tcp;  // at most kMaxTcpTargets
};

// An error names the value that is not an address or a port.
[[nodiscard]] Result<CheckTargets> parse_targets(const FallbackConfig& config);

class LineChecks {
  public:
    using Done = std::function<void(const CheckOutcome&)>;

    // What has not answered by then does not answer in this round.
    static constexpr Nanos kPatience = std::chrono::milliseconds(900);

    // `loop` and `clock` outlive it. Checks leave as `socket` says, like the echoes to reflectors.
    [[nodiscard]] static Result<std::unique_ptr<LineChecks>> open(boost::asio::io_context& loop,
                                                                  const Clock& clock,
                                                                  const CheckTargets& targets,
                                                                  const SocketSettings& socket);
    ~LineChecks();
    LineChecks(const LineChecks&) = delete;
    LineChecks& operator=(const LineChecks&) = delete;

    // `done` is called once, from the loop, when all have answered or after kPatience; never after
    // the destructor. One round at a time.
    void begin(Done done);

  private:
    struct Round;

    LineChecks(boost::asio::io_context& loop, const Clock& clock, CheckTargets targets,
               SocketSettings socket, std::unique_ptr<IcmpSocket> gateway);

    boost::asio::io_context& loop_;
    const Clock& clock_;
    CheckTargets targets_;
    SocketSettings settings_;
    std::unique_ptr<IcmpSocket> gateway_;
    std::uint64_t next_number_ = 1;
    std::shared_ptr<Round> round_;
};

}  // namespace wanctl::probe
