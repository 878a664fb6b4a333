// A simulated router reached without sockets, in virtual time: for days of faults in seconds.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/routeros/request_client.hpp"
#include "tests/sim/rest/router_model.hpp"
#include "tests/unit/sim/manual_clock.hpp"

namespace wanctl::test {

class VirtualRouter {
  public:
    VirtualRouter(sim::ManualClock& clock, std::uint32_t seed);

    // A client of the user of this name; to be handed to a RouterLink.
    std::unique_ptr<routeros::RequestClient> connect(const std::string& user,
                                                     routeros::RequestClient::Done done);
    // Ends what is due.
    void step();

    // What is wrong now. A day's faults are made of these.
    bool unreachable = false;
    bool dropping = false;  // unreachable without anybody being told
    int status = 0;         // answered instead; 0: none
    bool applied = false;   // though the command is run
    bool truncating = false;
    Nanos service = std::chrono::milliseconds(12);  // median
    void reboot(bool other_ids);

    // Called with the queue's name and both limits before a write takes effect.
    std::function<void(const std::string& queue, Rate from, Rate to)> on_write;

    [[nodiscard]] Rate limit(const std::string& queue);
    void set_limit(const std::string& queue, Rate limit);
    [[nodiscard]] sim::RouterModel& model() { return model_; }
    [[nodiscard]] std::uint64_t requests() const { return requests_; }

  private:
    class Client;
    struct Running {
        Client* client = nullptr;
        sim::RestRequest request;
        SteadyTime begun{};
        SteadyTime due{};
        std::uint64_t boot = 0;
        bool reached = false;  // it got as far as the router
        bool reconnected = false;
    };

    void end(const Running& running);
    [[nodiscard]] sim::RestReply run(const Running& running);
    void tell_write(const sim::RestRequest& request) const;
    [[nodiscard]] Nanos drawn_service();

    sim::ManualClock& clock_;
    sim::RouterModel model_;
    std::minstd_rand random_;
    std::vector<Running> running_;
    std::map<std::string, Rate> limits_;  // as last read; empty: to be read again
    std::uint64_t boots_ = 0;
    std::uint64_t requests_ = 0;
};

}  // namespace wanctl::test
