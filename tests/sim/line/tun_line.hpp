// A live line that real packets cross: one TUN device in the namespace of the process, the client's
// side, and one in a namespace made here, the far side, whose kernel answers for the reflectors.
// Every IPv4 packet written into one of them passes the line's model and comes out of the other
// when the model says so, or never. Only routes to the simulated networks exist.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "common/error.hpp"
#include "tests/sim/line/live_line.hpp"

namespace wanctl::sim {

struct TunAddresses {
    std::string device;  // in both namespaces
    std::string client;
    std::vector<std::string> reflectors;  // all within a /24
    std::string reflector_net;

    // Of the nth WAN of a process, 0..100: device wan<n>, client 198.18.<2n>.2, reflectors
    // 198.18.<2n+1>.1 to .16.
    [[nodiscard]] static TunAddresses of_wan(unsigned n);
};

struct TunCounters {
    std::uint64_t download = 0;  // packets delivered
    std::uint64_t upload = 0;
    std::uint64_t lost = 0;     // by the model
    std::uint64_t refused = 0;  // not IPv4, or not taken by the other device
};

// Asks the system to run the calling thread before ordinary ones, as a wire waits for nobody's
// processor: without it packets come late by a scheduler's slice on a busy machine. False where
// the system does not allow it; the line then works all the same.
bool prefer_this_thread();

class TunLine {
  public:
    // Refuses a namespace with a default route. Becomes the sink of the line, which must outlive
    // it.
    [[nodiscard]] static Result<std::unique_ptr<TunLine>> open(boost::asio::io_context& io,
                                                               LiveLine& line,
                                                               const TunAddresses& addresses);
    ~TunLine();
    TunLine(const TunLine&) = delete;
    TunLine& operator=(const TunLine&) = delete;

    // Runs `sh -c command` in the far namespace until the line ends.
    [[nodiscard]] Result<void> run_far(const std::string& command);
    [[nodiscard]] const TunCounters& counters() const;

  private:
    struct Impl;
    explicit TunLine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::sim
