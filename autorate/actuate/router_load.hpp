// Knows how busy the router itself is, from rare readings that the WANs on a link share; tells once
// when it stays too busy.
#pragma once

#include <cstdint>
#include <memory>
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

template <class Poller>
class Desk;

// One WAN's view. A poll that is late is skipped. All on one link share its LoadDesk: one request
// serves every one whose poll is due or nearly so.
class RouterLoad final {
  public:
    RouterLoad(routeros::RouterLink& link, Nanos interval, const CpuWatchOptions& watch,
               TellNotice tell);
    ~RouterLoad();
    RouterLoad(const RouterLoad&) = delete;
    RouterLoad& operator=(const RouterLoad&) = delete;

    void start(SteadyTime first) { due_ = first; }
    void stop() { due_.reset(); }

    // The newest reading; none before the first, after a failure, or when it is too old to be true.
    [[nodiscard]] std::optional<routeros::ResourceReading> reading(SteadyTime now) const;
    [[nodiscard]] const RouterLoadCounters& counters() const { return counters_; }

  private:
    friend class Desk<RouterLoad>;

    void begin(SteadyTime now) { due_ = now + interval_; }
    void digest(SteadyTime now, const routeros::Reply& reply);
    void judge(SteadyTime now, int percent);
    void not_understood(const std::string& message);

    routeros::RouterLink& link_;
    Nanos interval_;
    CpuWatch watch_;
    TellNotice tell_;
    std::optional<SteadyTime> due_;
    std::optional<routeros::ResourceReading> newest_;
    SteadyTime newest_at_{};
    bool told_not_understood_ = false;
    RouterLoadCounters counters_;
    std::shared_ptr<Desk<RouterLoad>> desk_;
};

}  // namespace wanctl::actuate
