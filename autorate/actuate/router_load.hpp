// Reads how busy the router itself is, rarely, as the least urgent user of a link; tells once when
// it stays too busy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "autorate/actuate/cpu_watch.hpp"
#include "autorate/notice.hpp"
#include "common/routeros/router_link.hpp"
#include "common/routeros/system_resource.hpp"

namespace wanctl::actuate {

struct RouterLoadCounters {
    std::uint64_t read = 0;
    std::uint64_t failed = 0;
};

// A poll that is late is skipped. Stays on the link from construction to destruction.
class RouterLoad final : private routeros::LinkUser {
  public:
    RouterLoad(routeros::RouterLink& link, Nanos interval, const CpuWatchOptions& watch,
               TellNotice tell);
    ~RouterLoad() override;
    RouterLoad(const RouterLoad&) = delete;
    RouterLoad& operator=(const RouterLoad&) = delete;

    void start(SteadyTime first) { due_ = first; }
    void stop() { due_.reset(); }

    // The newest reading; none before the first, after a failure, or when it is too old to be true.
    [[nodiscard]] std::optional<routeros::ResourceReading> reading(SteadyTime now) const;
    [[nodiscard]] const RouterLoadCounters& counters() const { return counters_; }

  private:
    [[nodiscard]] routeros::Urgency urgency(SteadyTime now) const override;
    [[nodiscard]] std::optional<SteadyTime> wake_at() const override { return due_; }
    void take_turn(SteadyTime now) override;
    void on_reply(SteadyTime now, const routeros::Reply& reply) override;
    void judge(SteadyTime now, int percent);
    void not_understood(const std::string& message);

    routeros::RouterLink& link_;
    Nanos interval_;
    CpuWatch watch_;
    TellNotice tell_;
    std::string path_;
    std::optional<SteadyTime> due_;
    std::optional<routeros::ResourceReading> newest_;
    SteadyTime newest_at_{};
    bool told_not_understood_ = false;
    RouterLoadCounters counters_;
};

}  // namespace wanctl::actuate
