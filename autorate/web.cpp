#include "autorate/web.hpp"

#include <algorithm>
#include <utility>

#include "common/http/health.hpp"
#include "common/http/metrics_page.hpp"
#include "common/http/status.hpp"

namespace wanctl::autorate {

namespace {

constexpr auto kRouterFailures = {CycleCounter::writes_refused, CycleCounter::writes_unreachable,
                                  CycleCounter::stats_failed};

}  // namespace

Web::Web(const http::Server::Surroundings& around, SteadyTime started,
         std::span<const std::unique_ptr<Wan>> wans)
    : around_(around),
      started_(started),
      history_(around, history::cycle_layout()),
      server_(around, pages_.responder()) {
    for (const auto& wan : wans) watch(*wan);
    add_pages();
}

Web::~Web() {
    for (Wan* wan : wans_) wan->on_record(nullptr);
}

void Web::serve(const HttpConfig& config, std::string token) {
    std::vector<http::HistoryLine> lines;
    for (const Wan* wan : wans_)
        if (wan->config().history.enabled)
            lines.push_back({wan->config().wan, wan->config().history.path});
    history_.serve(std::move(lines));
    server_.serve(config, std::move(token));
}

void Web::watch(Wan& wan) {
    wans_.push_back(&wan);
    auto& tap = *taps_.emplace_back(std::make_unique<metrics::CycleTap>());
    views_.push_back(
        {wan.config().wan, &wan.config().probe.reflectors, &tap,
         [&wan](std::size_t index) { return wan.counter(static_cast<CycleCounter>(index)); },
         &wan.alert_figures()});
    wan.on_record([&wan, &tap](const CycleRecord& record) {
        std::uint64_t failures = 0;
        for (const CycleCounter counter : kRouterFailures) failures += wan.counter(counter);
        tap.observe(record, failures);
    });
}

void Web::add_pages() {
    using http::Request;
    const auto health = [this](const Request&) { return http::autorate_health(process(), views_); };
    pages_.add("/", health);
    pages_.add("/health", health);
    pages_.add("/healthz", [this](const Request&) {
        return http::liveness(std::ranges::all_of(
            views_, [](const auto& view) { return http::condition(view) == "ok"; }));
    });
    pages_.add("/status", [this](const Request& request) {
        return http::autorate_status(process(), views_, http::query_value(request.query, "wan"));
    });
    pages_.add("/metrics", [this](const Request& request) {
        return http::metrics_answer(request, [this](metrics::Names names) {
            return metrics_.text(process(), views_, http::figures(server_.counters()), names);
        });
    });
    pages_.add_late("/metrics/history", [this](const Request& request, const http::Reply& reply) {
        history_.answer(request, reply);
    });
    pages_.add("/steering", [](const Request&) {
        return http::error_answer(404, "steering has a process of its own");
    });
}

metrics::ProcessView Web::process() const {
    return {started_, around_.clock.steady(), around_.clock.wall()};
}

}  // namespace wanctl::autorate
