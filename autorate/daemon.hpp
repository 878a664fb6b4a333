// wanctl-autorate at work: one slot after the other for one WAN, on one event loop.
#pragma once

#include <functional>
#include <memory>

#include "autorate/actuate/actuator.hpp"
#include "autorate/control/wan_controller.hpp"
#include "autorate/probe/icmp_probe.hpp"
#include "autorate/record_builder.hpp"
#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/log/log.hpp"
#include "common/loop/notifier.hpp"
#include "common/loop/ticker.hpp"
#include "common/record/cycle_counters.hpp"
#include "shm/segment_writer.hpp"

namespace wanctl::autorate {

// What outlives the daemon and what it owns.
struct Surroundings {
    boost::asio::io_context& loop;
    const Clock& clock;
    Log& log;
    Notifier& notifier;
};

struct Parts {
    std::unique_ptr<probe::IcmpProbe> probe;
    std::unique_ptr<actuate::Actuator> actuator;
    std::shared_ptr<const routeros::RouterLink> write_link;
    shm::SegmentWriter<CycleRecord> segment;
};

class Daemon {
  public:
    Daemon(const Surroundings& around, const AutorateConfig& config, Parts parts);

    // Begins to measure with the next deadline, and to talk to the router at once.
    void start();
    // Ends as [write] on_exit says, marks the segment, and calls `done` from the loop.
    void stop(std::function<void()> done);

  private:
    void on_tick(const Tick& tick);
    void open_slot(const Tick& tick);
    void close_slot();
    void wish(SteadyTime now, const Decision& decision);
    void publish(const CycleRecord& record);
    void count(const CycleRecord& record, const probe::SlotResult& sample);
    void tell_overrun(const Tick& tick);
    void tell_changes(const CycleRecord& record, const Decision& decision);
    void tell_measurement(MeasurementState now_in);
    void router_changed(RouterState state, const std::string& message);
    void tell_status();

    Surroundings around_;
    const AutorateConfig& config_;
    Parts parts_;
    WanController controller_;
    RecordBuilder records_;
    Ticker ticker_;

    bool slot_open_ = false;
    int sent_ = 0;  // echoes of the open slot
    bool first_slot_done_ = false;
    Tick tick_{};
    std::uint64_t missed_slots_ = 0;
    std::uint64_t overruns_ = 0;  // times that slots were missed
    Nanos baseline_{};
    Nanos load_{};
    Nanos publish_time_{};
    Nanos cpu_at_close_{};
    MeasurementState measurement_ = MeasurementState::none;
    RouterState router_ = RouterState::unknown;
};

}  // namespace wanctl::autorate
