#include "autorate/wan.hpp"

#include <algorithm>
#include <utility>

#include "autorate/segment_facts.hpp"
#include "common/config/secret.hpp"
#include "common/exit_code.hpp"
#include "common/history/record_rows.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/version.hpp"
#include "shm/record_feed.hpp"

namespace wanctl::autorate {

namespace {

tl::unexpected<StartFailure> failure(const Error& error, int code) {
    return tl::unexpected<StartFailure>({error.message, code});
}

Started<shm::SegmentWriter<CycleRecord>> open_segment(const Shared& shared,
                                                      const AutorateConfig& config, Log& log) {
    const shm::WriterOptions options{config.wan, std::string(kVersion), config.shm.group,
                                     config.interval,
                                     std::max<Nanos>(5 * config.interval, std::chrono::seconds(1))};
    auto segment = shm::SegmentWriter<CycleRecord>::create(options, cycle_abi(), shared.clock);
    if (!segment) return tl::unexpected(segment_failure(segment.error()));
    for (const std::string& warning : segment->warnings()) log.warning(warning);
    segment->publish_facts(segment_facts(config, shared.clock.wall()));
    return std::move(*segment);
}

Result<std::unique_ptr<probe::IcmpProbe>> open_probe(const Shared& shared,
                                                     const AutorateConfig& config) {
    probe::ProbeTiming timing{config.interval, config.fallback, {}, {}, {}};
    // The reference law knows replies within the timeout only.
    if (config.compat == Compat::none) {
        timing.blocked_after = from_ms(config.thresholds.hard_red.count());
        timing.late_until = probe::kLongestRoundTrip;
    }
    timing.look_up = [&helper = shared.helper](const std::string& name, probe::LookedUp done) {
        return helper.run(
            Urgency::names, [name] { return probe::look_up(name); }, std::move(done));
    };
    return probe::IcmpProbe::open(shared.loop, shared.clock, config.probe, timing);
}

std::unique_ptr<actuate::Actuator> make_actuator(const Shared& shared, const AutorateConfig& config,
                                                 const RouterLinks& links) {
    const auto seed = static_cast<std::uint32_t>(shared.clock.wall().time_since_epoch().count());
    return std::make_unique<actuate::Actuator>(shared.loop, shared.clock,
                                               actuate::actuator_options(config, seed), links.write,
                                               links.stats);
}

void tell_about(const RouterConfig& router, Log& log) {
    for (const SecretRef& secret : {router.password, router.stats_password})
        if (const auto warning = secret_warning(secret)) log.warning(*warning);
    if (!router.stats_user.empty()) return;
    log.info(
        "no [router] stats_user: the queues are polled once a second at most, and "
        "not while a write waits");
}

history::Subject history_subject(const std::string& wan,
                                 const shm::SegmentWriter<CycleRecord>& segment) {
    return {wan, &history::cycle_layout(),
            [wan](history::FeedFrom from) {
                return shm::RecordFeed<history::CycleRows>::attach(wan, cycle_abi(), from);
            },
            shm::history_counters<CycleCounter>(segment)};
}

bool any_concerns(const std::vector<SettingChange>& changes,
                  std::initializer_list<std::string_view> sections) {
    return std::any_of(changes.begin(), changes.end(), [&](const SettingChange& change) {
        return std::any_of(sections.begin(), sections.end(), [&change](std::string_view section) {
            return concerns(change, section);
        });
    });
}

}  // namespace

Started<std::unique_ptr<Wan>> Wan::open(const Shared& shared, const AutorateConfig& config,
                                        const Tellers& tellers) {
    // Before the ring is made anew: the old one's last record counts.
    const Before before = load_state(config, shared.clock, tellers.log);
    // The name first: a second instance must not send a single echo or request.
    auto segment = open_segment(shared, config, tellers.log);
    if (!segment) return tl::unexpected(segment.error());
    auto probe = open_probe(shared, config);
    if (!probe) return failure(probe.error(), exit_code::kCannotMeasure);
    const auto passwords = read_passwords(config.router);
    if (!passwords) return failure(passwords.error(), exit_code::kConfiguration);
    tell_about(config.router, tellers.log);
    const RouterLinks links = shared.links.links(config.router, *passwords);
    history::Subject subject = history_subject(config.wan, *segment);
    Parts parts{std::move(*probe), make_actuator(shared, config, links), links.write,
                std::move(*segment)};
    std::unique_ptr<Wan> wan(
        new Wan(shared, config, tellers, std::move(parts), std::move(subject)));
    if (before.law) wan->daemon_.restore(*before.law);
    wan->raised_before_ = before.alerts;
    return wan;
}

Wan::Wan(const Shared& shared, const AutorateConfig& config, const Tellers& tellers, Parts parts,
         history::Subject subject)
    : shared_(shared),
      config_(config),
      log_(tellers.log),
      daemon_({shared.loop, shared.clock, tellers.log, tellers.notices}, config, std::move(parts)),
      keeper_({shared.loop, tellers.log, shared.helper}, config.state,
              {config.wan, kSavedStateVersion,
               [this] {
                   return state_to_keep(config_.wan, daemon_.law_memory(), alerts_.to_keep(),
                                        shared_.clock);
               }}),
      alerts_({shared.loop, shared.clock, tellers.log, shared.helper}, config.alerts, config.wan,
              alert::CycleConditions(config.baseline.initial)),
      history_(alerts_.gauged(std::move(subject)), config.history, shared.clock, tellers.log) {
    alerts_.history_wanted(config.history.enabled);
    daemon_.on_record([this](const CycleRecord& record) {
        if (alerts_.look(record)) keeper_.save_soon();
        if (on_record_) on_record_(record);
    });
    alerts_.on_outcome([this](const alert::Outcome& outcome) {
        history_.tell("alert", alert::outcome_json(outcome));
    });
}

Wan::~Wan() = default;

void Wan::start(const std::vector<Setting>& settings) {
    history_.start(kVersion, settings);
    const bool ended = alerts_.restore(std::exchange(raised_before_, {}));
    daemon_.start();
    keeper_.start(!ended);
    log_.info("started", {{"wan", config_.wan}, {"version", kVersion}});
}

Result<Wan::Change> Wan::prepare(const Parsed<AutorateConfig>& file,
                                 const std::vector<SettingChange>& changes) {
    const AutorateConfig& config = file.config;
    Change change;
    change.config = config;
    change.changes = changes;
    change.settings = file.settings;
    if (any_concerns(changes, {"probe", "thresholds", "compat"})) {
        auto probe = open_probe(shared_, config);
        if (!probe) return tl::unexpected(probe.error());
        change.probe = std::move(*probe);
    }
    change.other_router =
        any_concerns(changes, {"router", "queues", "write", "download", "upload"});
    return change;
}

void Wan::apply(Change change, const Passwords& passwords) {
    config_ = std::move(change.config);
    tell_about(config_.router, log_);
    const RouterLinks links = shared_.links.links(config_.router, passwords);
    Replacement parts;
    parts.probe = std::move(change.probe);
    if (change.other_router) {
        parts.actuator = make_actuator(shared_, config_, links);
        parts.write_link = links.write;
    }
    daemon_.reconfigure(config_, std::move(parts));
    alerts_.watch().set_initial_baseline(config_.baseline.initial);
    alerts_.reconfigure(config_.alerts);
    alerts_.history_wanted(config_.history.enabled);
    keeper_.reconfigure(config_.state);
    history_.reload(config_.history, change.changes, change.settings);
}

void Wan::stop(ExitWrite on_exit, std::function<void()> done) {
    history_.stopping(on_exit == ExitWrite::keep ? "keep" : "ceiling");
    daemon_.stop(on_exit, [this, done = std::move(done)] {
        alerts_.close();
        keeper_.save_last();
        done();
    });
}

}  // namespace wanctl::autorate
