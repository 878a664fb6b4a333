// Where requests meet the router: authentication, one worker per user, service time, faults and
// counts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "tests/sim/rest/request_counts.hpp"
#include "tests/sim/rest/rest_message.hpp"
#include "tests/sim/rest/router_faults.hpp"
#include "tests/sim/rest/router_model.hpp"
#include "tests/sim/rest/service_time.hpp"

namespace wanctl::sim {

struct RequestDeskOptions {
    std::vector<User> users;
    ServiceTimeOptions service_time;
    Nanos login_time = std::chrono::milliseconds(120);  // added when the user's login is not cached
    Nanos login_cache = std::chrono::minutes(10);
    Nanos command_limit =
        std::chrono::seconds(60);  // then: `Session closed`, for all that waited too
};

// Requests of one user run one after another in the order of arrival, over all connections; users
// do not wait for each other. A request that was handed in runs, whether or not its client still
// wants the answer. Lives on the loop's thread; refers to loop, clock and model, which must outlive
// it.
class RequestDesk {
  public:
    using Done = std::function<void(RestReply)>;

    RequestDesk(boost::asio::io_context& loop, const Clock& clock, RouterModel& model,
                RequestDeskOptions options);
    ~RequestDesk();
    RequestDesk(const RequestDesk&) = delete;
    RequestDesk& operator=(const RequestDesk&) = delete;

    // `done` is called once, later, from the loop; never after a reboot that came in between.
    void submit(RestRequest request, Done done);
    // What runs or waits is lost without an answer, and every login is forgotten.
    void reboot();

    void forget_logins();
    // Nothing when there is no user of this name. A change holds from the next request on.
    [[nodiscard]] User* user(const std::string& name);
    // Every user as at the start.
    void restore_users();

    [[nodiscard]] RouterFaults& faults() { return faults_; }
    [[nodiscard]] RequestCounts& counts() { return counts_; }

  private:
    class Worker;
    struct Job;

    [[nodiscard]] const User* authenticate(const RestRequest& request) const;
    void refuse_login(RestRequest request, Done done);
    [[nodiscard]] Nanos work_time(Worker& worker, const Job& job);
    [[nodiscard]] RestReply answer(const Job& job, const User& user);
    [[nodiscard]] RestReply fault_reply(const Job& job, const User& user);
    void finish(const Job& job, const std::string& user, RestReply reply);

    boost::asio::io_context& loop_;
    const Clock& clock_;
    RouterModel& model_;
    RequestDeskOptions options_;
    RouterFaults faults_;
    RequestCounts counts_;
    std::map<std::string, std::unique_ptr<Worker>> workers_;
    std::uint64_t boots_ = 0;
};

}  // namespace wanctl::sim
