// The actuator and a simulated router, joined over HTTPS as the daemon joins them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "autorate/actuate/actuator.hpp"
#include "common/routeros/rest_client.hpp"
#include "tests/support/sim_process.hpp"

namespace wanctl::test {

// Runs the loop until the condition holds; false when it does not within the deadline.
bool run_loop_until(boost::asio::io_context& loop, const std::function<bool()>& condition,
                    std::chrono::milliseconds deadline = kPatience);

// Trusts the simulator's CA and logs in as its first user.
routeros::RestOptions trusting(const SimProcess& sim);
SimSettings two_users();

// One client, asked request by request.
class Asker {
  public:
    explicit Asker(routeros::RestOptions options, const std::string& password = "sim-password");
    routeros::Reply ask(const routeros::Request& request);
    routeros::Reply list();
    [[nodiscard]] const routeros::RestCounters& counters() const { return client_.counters(); }

  private:
    boost::asio::io_context loop_;
    SystemClock clock_;
    std::optional<routeros::Reply> reply_;
    routeros::RestClient client_;
};

// An actuator with its two links and the slots of a daemon: whoever waits keeps pumping.
class RouterBench {
  public:
    explicit RouterBench(SimSettings settings = two_users(), ExitWrite on_exit = ExitWrite::keep);

    void start();  // until both queues are known
    void want(Rate download, Zone download_zone, Rate upload, Zone upload_zone);
    // Keeps the wishes, slot by slot, until the condition holds.
    bool until(const std::function<bool()>& condition,
               std::chrono::milliseconds deadline = kPatience);
    bool holds(Rate download, Rate upload);
    [[nodiscard]] RouterState state() const { return actuator.view().router; }

    boost::asio::io_context loop;
    SystemClock clock;
    SimProcess sim;
    std::shared_ptr<routeros::RouterLink> link;
    std::shared_ptr<routeros::RouterLink> stats;
    std::vector<std::pair<RouterState, std::string>> changes;
    actuate::Actuator actuator;

  private:
    struct Wish {
        Rate rate;
        Zone zone = Zone::green;
    };
    std::shared_ptr<routeros::RouterLink> make_link(const std::string& user,
                                                    const std::string& password);
    void slot();

    std::array<std::optional<Wish>, 2> wish_;
};

}  // namespace wanctl::test
