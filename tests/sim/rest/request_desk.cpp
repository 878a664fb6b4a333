#include "tests/sim/rest/request_desk.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "tests/sim/rest/base64.hpp"
#include "tests/sim/rest/spoiled_reply.hpp"

namespace wanctl::sim {
namespace {

struct Credentials {
    std::string name;
    std::string password;
};

std::optional<Credentials> credentials_of(const std::string& authorization) {
    constexpr std::string_view kScheme = "Basic ";
    if (!authorization.starts_with(kScheme)) return std::nullopt;
    const auto text = base64_decoded(std::string_view(authorization).substr(kScheme.size()));
    const auto colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

template <typename Fault>
bool hits(const Fault& fault, const RestRequest& request, const User& user) {
    return (fault.user.empty() || fault.user == user.name) &&
           (fault.method.empty() || fault.method == request.method);
}

// One of its hits is used up; with the last one it ends.
template <typename Fault>
void used_up(std::optional<Fault>& fault) {
    if (fault->remaining != 0 && --fault->remaining == 0) fault.reset();
}

}  // namespace

struct RequestDesk::Job {
    RestRequest request;
    Done done;
};

// One user's queue. The front job is the one that runs.
class RequestDesk::Worker {
  public:
    Worker(RequestDesk& desk, User user)
        : desk_(desk),
          user_(std::move(user)),
          service_time_(desk.options_.service_time, user_.name),
          timer_(desk.loop_) {}

    void push(Job job) {
        jobs_.push_back(std::move(job));
        if (jobs_.size() == 1) start();
    }

    void forget() {
        timer_.cancel();
        jobs_.clear();
        logged_in_.reset();
        ++generation_;
    }

    void forget_login() { logged_in_.reset(); }

    [[nodiscard]] User& user() { return user_; }
    [[nodiscard]] Nanos drawn_time() { return service_time_.next(); }

    // Whether this request has to log in first; the login then counts from now.
    bool log_in(SteadyTime now, Nanos cache) {
        if (logged_in_ && now - *logged_in_ < cache) return false;
        logged_in_ = now;
        return true;
    }

  private:
    void start() {
        const Nanos limit = desk_.options_.command_limit;
        const Nanos work = desk_.work_time(*this, jobs_.front());
        const bool too_long = work >= limit;
        timer_.expires_after(too_long ? limit : work);
        timer_.async_wait([this, too_long, generation = generation_](auto error) {
            if (error || generation != generation_) return;
            too_long ? close_session() : complete();
        });
    }

    void complete() {
        const Job job = std::move(jobs_.front());
        auto reply = desk_.answer(job, user_);
        const auto generation = generation_;
        desk_.finish(job, user_.name, std::move(reply));
        if (generation != generation_) return;
        jobs_.pop_front();
        if (!jobs_.empty()) start();
    }

    // The command that ran has had its effect: such an answer proves nothing.
    void close_session() {
        static_cast<void>(desk_.answer(jobs_.front(), user_));
        const auto closed = std::exchange(jobs_, {});
        for (const auto& job : closed) {
            desk_.finish(job, user_.name, error_reply(400, "Session closed"));
        }
    }

    RequestDesk& desk_;
    User user_;
    ServiceTime service_time_;
    boost::asio::steady_timer timer_;
    std::deque<Job> jobs_;
    std::optional<SteadyTime> logged_in_;
    std::uint64_t generation_ = 0;
};

RequestDesk::RequestDesk(boost::asio::io_context& loop, const Clock& clock, RouterModel& model,
                         RequestDeskOptions options)
    : loop_(loop), clock_(clock), model_(model), options_(std::move(options)) {
    for (const auto& user : options_.users) {
        workers_.emplace(user.name, std::make_unique<Worker>(*this, user));
    }
}

RequestDesk::~RequestDesk() = default;

void RequestDesk::submit(RestRequest request, Done done) {
    const User* const user = authenticate(request);
    if (user == nullptr) {
        refuse_login(std::move(request), std::move(done));
        return;
    }
    counts_.in_flight[user->name].begin();
    workers_.at(user->name)->push({std::move(request), std::move(done)});
}

void RequestDesk::reboot() {
    ++boots_;
    for (const auto& [name, worker] : workers_) {
        worker->forget();
        counts_.in_flight[name].now = 0;
    }
    model_.reboot();
}

const User* RequestDesk::authenticate(const RestRequest& request) const {
    const auto credentials = credentials_of(request.authorization);
    if (!credentials) return nullptr;
    const auto worker = workers_.find(credentials->name);
    if (worker == workers_.end()) return nullptr;
    const User& user = worker->second->user();
    return user.password == credentials->password ? &user : nullptr;
}

void RequestDesk::refuse_login(RestRequest request, Done done) {
    if (const auto credentials = credentials_of(request.authorization)) {
        model_.note_login_failure(credentials->name, request.client);
    }
    auto timer = std::make_shared<boost::asio::steady_timer>(loop_, options_.login_time);
    auto job = std::make_shared<Job>(Job{std::move(request), std::move(done)});
    timer->async_wait([this, timer, job, boots = boots_](auto error) {
        if (!error && boots == boots_) finish(*job, "", error_reply(401));
    });
}

Nanos RequestDesk::work_time(Worker& worker, const Job& job) {
    Nanos time = worker.drawn_time();
    const auto& slow = faults_.slow;
    if (slow && (slow->user.empty() || slow->user == worker.user().name)) {
        time = slow->service_time;
        used_up(faults_.slow);
    }
    if (worker.log_in(clock_.steady(), options_.login_cache)) {
        model_.note_login(worker.user().name, job.request.client);
        // Not beyond the limit: a stalled command is infinitely long already.
        time = std::min(time, options_.command_limit) + options_.login_time;
    }
    return time;
}

RestReply RequestDesk::answer(const Job& job, const User& user) {
    if (faults_.status && hits(*faults_.status, job.request, user)) return fault_reply(job, user);
    auto reply = model_.execute(job.request, user);
    if (!faults_.spoil || !hits(*faults_.spoil, job.request, user)) return reply;
    reply = spoiled(std::move(reply), faults_.spoil->how);
    used_up(faults_.spoil);
    return reply;
}

RestReply RequestDesk::fault_reply(const Job& job, const User& user) {
    const StatusFault fault = *faults_.status;
    used_up(faults_.status);
    if (fault.apply) static_cast<void>(model_.execute(job.request, user));
    return fault.html ? html_reply(fault.status) : error_reply(fault.status, fault.detail);
}

void RequestDesk::forget_logins() {
    for (const auto& [name, worker] : workers_) worker->forget_login();
}

User* RequestDesk::user(const std::string& name) {
    const auto worker = workers_.find(name);
    return worker == workers_.end() ? nullptr : &worker->second->user();
}

void RequestDesk::restore_users() {
    for (const auto& user : options_.users) workers_.at(user.name)->user() = user;
}

void RequestDesk::finish(const Job& job, const std::string& user, RestReply reply) {
    const auto& target = job.request.target;
    ++counts_
          .requests[{user, job.request.method, target.substr(0, target.find('?')), reply.status}];
    if (!user.empty()) counts_.in_flight[user].end();
    job.done(std::move(reply));
}

}  // namespace wanctl::sim
