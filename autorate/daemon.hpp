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
    Notices& notices;
};

struct Parts {
    std::unique_ptr<probe::IcmpProbe> probe;
    std::unique_ptr<actuate::Actuator> actuator;
    std::shared_ptr<const routeros::RouterLink> write_link;
    shm::SegmentWriter<CycleRecord> segment;
};

// What takes another one's place while the daemon runs; what is empty stays.
struct Replacement {
    std::unique_ptr<probe::IcmpProbe> probe;
    std::unique_ptr<actuate::Actuator> actuator;
    std::shared_ptr<const routeros::RouterLink> write_link;  // with the actuator
};

class Daemon {
  public:
    Daemon(const Surroundings& around, const AutorateConfig& config, Parts parts);

    // Before start(): who else looks at each record, once it is published.
    void on_record(std::function<void(const CycleRecord&)> call) { on_record_ = std::move(call); }
    // Before start(): the law goes on from there instead of from the ceilings.
    void restore(const LawMemory& memory);
    [[nodiscard]] LawMemory law_memory() const { return controller_.memory(); }

    // Begins to measure with the next deadline, and to talk to the router at once.
    void start();
    // From the next slot on. Filters, zones and rates survive; WAN and interval must be the same.
    // Not to be called from a slot.
    void reconfigure(const AutorateConfig& config, Replacement parts);
    // Marks the segment, and calls `done` from the loop. Without on_exit = ceiling the router keeps
    // what it holds.
    void stop(ExitWrite on_exit, std::function<void()> done);

  private:
    void attach_probe();
    void attach_actuator();
    void tell(const Notice& notice);
    void replace_actuator(Replacement parts);
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
    std::function<void(const CycleRecord&)> on_record_;
    Nanos exit_write_;
    Parts parts_;
    WanController controller_;
    RecordBuilder records_;
    Ticker ticker_;

    bool slot_open_ = false;
    int sent_ = 0;  // echoes of the open slot
    bool first_slot_done_ = false;
    Tick tick_{};
    std::uint64_t missed_slots_ = 0;
    std::uint64_t overruns_ = 0;              // times that slots were missed
    std::uint64_t sends_refused_before_ = 0;  // by probes, connections and writes of parts that
    std::uint64_t connects_before_ = 0;       // were replaced
    actuate::ActuatorCounters writes_before_;
    bool wished_ = false;
    Nanos baseline_{};
    Nanos load_{};
    Nanos publish_time_{};
    Nanos cpu_at_close_{};
    MeasurementState measurement_ = MeasurementState::none;
    RouterState router_ = RouterState::unknown;
};

}  // namespace wanctl::autorate
