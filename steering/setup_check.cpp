#include "steering/setup_check.hpp"

#include <fmt/format.h>

#include "common/routeros/link_options.hpp"

namespace wanctl::steering {

namespace {

// A write that the router keeps refusing is no reason to be silent about the rest.
constexpr Nanos kWriteMayWait = std::chrono::seconds(10);

}  // namespace

SetupCheck::SetupCheck(boost::asio::io_context& loop, const Clock& clock, Log& log,
                       const SteeringConfig& config, const std::string& password)
    : log_(log),
      names_(setup_names(config)),
      reader_(loop, clock, routeros::link_options(config.router), password) {}

void SetupCheck::look(SteadyTime now, const RuleView& rule) {
    if (ended_) return;
    if (begun_) {
        if (reader_.result()) tell(*reader_.result());
        return;
    }
    if (rule.status == RuleStatus::unread) return;
    if (!reached_at_) reached_at_ = now;
    if (rule.pending && now - *reached_at_ < kWriteMayWait) return;
    begun_ = true;
    reader_.start();
}

void SetupCheck::tell(const Result<RouterMenus>& menus) {
    ended_ = true;
    if (!menus) {
        log_.warning("the router's set-up was not checked",
                     {{"message", menus.error().message},
                      {"remedy", "wanctl-steering check --config FILE does it at any time"}});
        return;
    }
    const auto findings = lint(*menus, names_);
    if (findings.empty()) log_.info("the router's set-up for steering is right");
    for (const Finding& finding : findings) {
        log_.warning(fmt::format("set-up: {}", finding.text), {{"flaw", name(finding.flaw)}});
        for (const std::string& command : finding.commands)
            log_.warning(fmt::format("set-up: this mends it: {}", command));
    }
}

}  // namespace wanctl::steering
