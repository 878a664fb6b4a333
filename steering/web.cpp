#include "steering/web.hpp"

#include "common/http/health.hpp"
#include "common/http/metrics_page.hpp"
#include "common/http/status.hpp"
#include "steering/predecessor.hpp"

namespace wanctl::steering {

Web::Web(const http::Server::Surroundings& around, const SteeringConfig& config, SteadyTime started,
         Daemon& daemon, const alert::AlertFigures& alerts)
    : clock_(around.clock),
      started_(started),
      daemon_(daemon),
      view_{config.primary, config.alternate, &tap_,
            [&daemon](std::size_t index) {
                return daemon.counter(static_cast<SteeringCounter>(index));
            },
            &alerts},
      history_(around, history::steering_layout()),
      server_(around, pages_.responder()) {
    add_pages();
}

void Web::serve(const HttpConfig& config, std::string token) {
    const HistoryConfig& kept = daemon_.history();
    std::vector<http::HistoryLine> lines;
    if (kept.enabled) lines.push_back({std::string(kSegmentName), kept.path});
    history_.serve(std::move(lines));
    server_.serve(config, std::move(token));
}

void Web::look(const SteeringRecord& record) {
    tap_.observe(record, daemon_.counter(SteeringCounter::toggles_failed));
}

void Web::add_pages() {
    using http::Request;
    const auto health = [this](const Request&) { return http::steering_health(process(), view_); };
    const auto status = [this](const Request&) { return http::steering_status(process(), view_); };
    pages_.add("/", health);
    pages_.add("/health", health);
    pages_.add("/healthz",
               [this](const Request&) { return http::liveness(http::condition(view_) == "ok"); });
    pages_.add("/metrics", [this](const Request& request) {
        return http::metrics_answer(request, [this](metrics::Names names) {
            return metrics_.text(process(), view_, http::figures(server_.counters()), names);
        });
    });
    pages_.add("/status", status);
    pages_.add_late("/metrics/history", [this](const Request& request, const http::Reply& reply) {
        history_.answer(request, reply);
    });
    pages_.add("/steering", status);
}

metrics::ProcessView Web::process() const {
    return {started_, clock_.steady(), clock_.wall()};
}

}  // namespace wanctl::steering
