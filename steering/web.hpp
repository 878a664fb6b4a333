// The HTTP interface of wanctl-steering: what is kept of its records, the pages that show it, and
// the server.
#pragma once

#include <string>

#include "common/http/history_page.hpp"
#include "common/http/pages.hpp"
#include "common/http/server.hpp"
#include "common/metrics/metrics_text.hpp"
#include "common/metrics/views.hpp"
#include "steering/daemon.hpp"

namespace wanctl::steering {

// The daemon outlives it; the process began at `started`. While there is none, a decision does
// nothing for it.
class Web {
  public:
    Web(const http::Server::Surroundings& around, const SteeringConfig& config, SteadyTime started,
        Daemon& daemon, const alert::AlertFigures& alerts);
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;

    // Each record, once it is published.
    void look(const SteeringRecord& record);

    // As Server has it; to be called after each change of the daemon's configuration too.
    void serve(const HttpConfig& config, std::string token);

  private:
    void add_pages();
    [[nodiscard]] metrics::ProcessView process() const;

    const Clock& clock_;
    SteadyTime started_;
    Daemon& daemon_;
    metrics::SteeringTap tap_;
    metrics::SteeringView view_;
    metrics::SteeringMetrics metrics_;
    http::HistoryPage history_;
    http::Pages pages_;
    http::Server server_;
};

}  // namespace wanctl::steering
