#include "tests/integration/router_bench.hpp"

#include "tests/support/catch.hpp"

namespace wanctl::test {
namespace {

actuate::ActuatorOptions bench_options(ExitWrite on_exit) {
    actuate::ActuatorOptions options;
    options.queue = {"WAN-Download", "WAN-Upload"};
    options.policy.ceiling = {100_mbit, 20_mbit};
    options.stats_interval = std::chrono::milliseconds(50);
    options.on_exit = on_exit;
    return options;
}

}  // namespace

bool run_loop_until(boost::asio::io_context& loop, const std::function<bool()>& condition,
                    std::chrono::milliseconds deadline) {
    const SystemClock clock;
    const SteadyTime end = clock.steady() + deadline;
    while (!condition()) {
        if (clock.steady() >= end) return false;
        loop.restart();
        loop.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
}

routeros::RestOptions trusting(const SimProcess& sim) {
    routeros::RestOptions options;
    options.url = sim.https_url();
    options.user = "wanctl";
    options.ca_file = sim.ca_file();
    return options;
}

SimSettings two_users() {
    SimSettings settings;
    settings.users.push_back({"wanctl-stats", "read,api,rest-api", "stats-password"});
    return settings;
}

Asker::Asker(routeros::RestOptions options, const std::string& password)
    : client_(loop_, clock_, std::move(options),
              [this](routeros::Reply&& reply) { reply_ = std::move(reply); }) {
    client_.set_password(password);
}

routeros::Reply Asker::ask(const routeros::Request& request) {
    reply_.reset();
    client_.start(request);
    REQUIRE(run_loop_until(loop_, [this] { return reply_.has_value(); }));
    return *reply_;
}

routeros::Reply Asker::list() {
    return ask(routeros::Request{routeros::Method::get, "/rest/queue/tree", {}});
}

RouterBench::RouterBench(SimSettings settings, ExitWrite on_exit)
    : sim(std::move(settings)),
      link(make_link("wanctl", "sim-password")),
      stats(make_link("wanctl-stats", "stats-password")),
      actuator(loop, clock, bench_options(on_exit), link, stats) {
    actuator.on_state_change([this](RouterState state, const std::string& message) {
        changes.emplace_back(state, message);
    });
}

std::shared_ptr<routeros::RouterLink> RouterBench::make_link(const std::string& user,
                                                             const std::string& password) {
    routeros::RestOptions options = trusting(sim);
    options.user = user;
    auto made = std::make_shared<routeros::RouterLink>(loop, clock, options);
    made->set_password(password);
    return made;
}

void RouterBench::start() {
    actuator.start(clock.steady());
    REQUIRE(until([this] {
        const actuate::ActuatorView view = actuator.view();
        return view.direction[0].held && view.direction[1].held;
    }));
}

void RouterBench::slot() {
    const SteadyTime now = clock.steady();
    for (std::size_t d = 0; d < wish_.size(); ++d)
        if (wish_[d]) actuator.want(now, static_cast<Direction>(d), wish_[d]->rate, wish_[d]->zone);
    actuator.pump(now);
}

void RouterBench::want(Rate download, Zone download_zone, Rate upload, Zone upload_zone) {
    wish_[0] = Wish{download, download_zone};
    wish_[1] = Wish{upload, upload_zone};
    slot();
}

bool RouterBench::until(const std::function<bool()>& condition,
                        std::chrono::milliseconds deadline) {
    return run_loop_until(
        loop,
        [&] {
            slot();
            return condition();
        },
        deadline);
}

bool RouterBench::holds(Rate download, Rate upload) {
    return sim.max_limit("WAN-Download") == download.bps &&
           sim.max_limit("WAN-Upload") == upload.bps;
}

}  // namespace wanctl::test
