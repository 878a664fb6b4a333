// The HTTP interface of wanctl-autorate: what is kept of each WAN's records, the pages that show
// it, and the server.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "autorate/wan.hpp"
#include "common/http/pages.hpp"
#include "common/http/server.hpp"
#include "common/metrics/metrics_text.hpp"
#include "common/metrics/views.hpp"

namespace wanctl::autorate {

// The WANs outlive it. While there is none, a slot does nothing for it.
class Web {
  public:
    Web(const http::Server::Surroundings& around, const HttpConfig& config, std::string token,
        std::span<const std::unique_ptr<Wan>> wans);
    ~Web();
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;

    void set_token(std::string token) { server_->set_token(std::move(token)); }

  private:
    void watch(Wan& wan);
    void add_pages();
    [[nodiscard]] metrics::ProcessView process() const;

    const Clock& clock_;
    SteadyTime started_;
    std::vector<Wan*> wans_;
    std::vector<std::unique_ptr<metrics::CycleTap>> taps_;
    std::vector<metrics::WanView> views_;
    metrics::AutorateMetrics metrics_;
    http::Pages pages_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace wanctl::autorate
