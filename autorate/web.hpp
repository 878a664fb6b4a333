// The HTTP interface of wanctl-autorate: what is kept of each WAN's records, the pages that show
// it, and the server.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "autorate/wan.hpp"
#include "common/http/history_page.hpp"
#include "common/http/pages.hpp"
#include "common/http/server.hpp"
#include "common/metrics/metrics_text.hpp"
#include "common/metrics/views.hpp"

namespace wanctl::autorate {

// The WANs outlive it. While there is none, a slot does nothing for it.
class Web {
  public:
    // The process began at `started`.
    Web(const http::Server::Surroundings& around, SteadyTime started,
        std::span<const std::unique_ptr<Wan>> wans);
    ~Web();
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;

    // As Server has it; to be called after each change of the WANs' configurations too.
    void serve(const HttpConfig& config, std::string token);

  private:
    void watch(Wan& wan);
    void add_pages();
    [[nodiscard]] metrics::ProcessView process() const;

    http::Server::Surroundings around_;
    SteadyTime started_;
    std::vector<Wan*> wans_;
    std::vector<std::unique_ptr<metrics::CycleTap>> taps_;
    std::vector<metrics::WanView> views_;
    metrics::AutorateMetrics metrics_;
    http::HistoryPage history_;
    http::Pages pages_;
    http::Server server_;
};

}  // namespace wanctl::autorate
