#include "steering/saved_memory.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/record/steering_names.hpp"
#include "common/state/members.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::steering {

namespace {

// Beyond any clock, and far from where sums of moments overflow.
constexpr std::int64_t kLatestNs = std::int64_t{1} << 62;
constexpr Nanos kLongestPenalty = std::chrono::hours(1);
constexpr auto kToggles = "toggles_ns";
constexpr std::int64_t kNoPenalty = 0;

std::int64_t ns(auto moment) {
    return std::chrono::nanoseconds(moment.time_since_epoch()).count();
}
SteadyTime steady(std::int64_t nanos) {
    return SteadyTime(Nanos(nanos));
}

// False when there is no list, or one that no daemon can have written.
bool read_toggles(const rapidjson::Value& object, std::int64_t latest, FlapMemory& flaps) {
    const auto member = object.FindMember(kToggles);
    if (member == object.MemberEnd() || !member->value.IsArray() ||
        member->value.Size() > flaps.at.size())
        return false;
    std::int64_t before = 0;
    for (const rapidjson::Value& each : member->value.GetArray()) {
        if (!each.IsInt64() || each.GetInt64() < before || each.GetInt64() > latest) return false;
        before = each.GetInt64();
        flaps.add(steady(before));
    }
    return true;
}

bool is_of(state::Reader& reader, const SteeringConfig& whose) {
    // All of them are read: a member that is missing is a fault, whatever the others say.
    const bool lines =
        reader.text("primary") == whose.primary && reader.text("alternate") == whose.alternate;
    const bool rule = reader.text("rule") == whose.rule.comment;
    const bool dry_run = reader.integer("dry_run", 0, 1) == 1;
    return lines && rule && dry_run == whose.decide.dry_run;
}

}  // namespace

std::string saved_memory_text(const SteeringConfig& whose, const SavedMemory& saved) {
    using state::put;
    rapidjson::StringBuffer buffer;
    state::Writer writer(buffer);
    const FlapMemory& flaps = saved.memory.flaps;
    writer.StartObject();
    put(writer, "primary", whose.primary);
    put(writer, "alternate", whose.alternate);
    put(writer, "rule", whose.rule.comment);
    put(writer, "dry_run", std::int64_t{whose.decide.dry_run ? 1 : 0});
    put(writer, "boot_id", saved.at.boot);
    put(writer, "mono_ns", ns(saved.at.steady));
    put(writer, "real_ns", ns(saved.at.wall));
    put(writer, "state", static_cast<std::int64_t>(saved.memory.state));
    put(writer, "since_ns", ns(saved.memory.since));
    put(writer, "penalty_until_ns", flaps.penalty_until ? ns(*flaps.penalty_until) : kNoPenalty);
    state::key(writer, kToggles);
    writer.StartArray();
    for (std::size_t i = 0; i < flaps.count; ++i) writer.Int64(ns(flaps.at[i]));
    writer.EndArray();
    state::put_json(writer, "alerts", saved.alerts);
    writer.EndObject();
    return fmt::format("{}\n", buffer.GetString());
}

Result<std::optional<SavedMemory>> parse_saved_memory(const SteeringConfig& whose,
                                                      std::string_view text) {
    rapidjson::Document document;
    if (auto object = state::parse_object(document, text); !object)
        return tl::unexpected(object.error());
    state::Reader reader(document);
    const bool ours = is_of(reader, whose);
    SavedMemory saved;
    saved.at.boot = reader.boot("boot_id");
    const std::int64_t mono = reader.integer("mono_ns", 0, kLatestNs);
    saved.at.steady = steady(mono);
    saved.at.wall = WallTime(Nanos(reader.integer("real_ns", 0, kLatestNs)));
    saved.memory.state = static_cast<SteeringState>(reader.integer("state", 0, 1));
    saved.memory.since = steady(reader.integer("since_ns", 0, mono));
    const std::int64_t penalty =
        reader.integer("penalty_until_ns", kNoPenalty, mono + kLongestPenalty.count());
    if (penalty != kNoPenalty) saved.memory.flaps.penalty_until = steady(penalty);
    if (!read_toggles(document, mono, saved.memory.flaps)) reader.blame(kToggles);
    if (!reader.fault().empty()) return state::unusable(reader.fault());
    if (!ours) return std::optional<SavedMemory>();
    return std::optional(saved);
}

SteeringMemory brought_to(const SavedMemory& saved, const Moment& now,
                          const SteeringConfig& config) {
    const bool this_boot = same_boot(saved.at.boot, now.boot);
    // What passed between the two moments; the wall clock may have been set back.
    const Nanos passed = this_boot ? now.steady - saved.at.steady
                                   : std::max(Nanos(now.wall - saved.at.wall), Nanos(0));
    const auto age = [&](SteadyTime moment, Nanos longest) {
        return std::clamp(saved.at.steady - moment + passed, Nanos(0), longest);
    };
    // No moment lies before the boot.
    const auto ago = [&](Nanos time) { return std::max(now.steady - time, SteadyTime{}); };
    SteeringMemory memory;
    memory.state = saved.memory.state;
    memory.since = ago(age(saved.memory.since, config.confidence.hold_down));
    const FlapMemory& flaps = saved.memory.flaps;
    for (std::size_t i = 0; i < flaps.count; ++i) {
        const Nanos since = age(flaps.at[i], config.flap.window);
        if (since < config.flap.window) memory.flaps.add(ago(since));
    }
    if (flaps.penalty_until) {
        const Nanos left = *flaps.penalty_until - saved.at.steady - passed;
        if (left > Nanos(0))
            memory.flaps.penalty_until = now.steady + std::min(left, config.flap.penalty_time);
    }
    return memory;
}

SteeringMemory joined(const std::optional<SteeringMemory>& file, const Predecessor& record) {
    SteeringMemory memory = file.value_or(SteeringMemory{});
    memory.state = record.state;
    memory.since = record.since;
    FlapMemory& flaps = memory.flaps;
    const bool known =
        flaps.count > 0 && record.toggled_at && flaps.at[flaps.count - 1] >= *record.toggled_at;
    if (record.toggled_at && !known) flaps.add(*record.toggled_at);
    flaps.penalty_until = record.penalty_until;
    return memory;
}

Before load_memory(const SteeringConfig& config, const std::optional<Predecessor>& record,
                   const Clock& clock, Log& log) {
    Before before;
    const Moment now{shm::boot_id(), clock.steady(), clock.wall()};
    std::optional<SavedMemory> saved;
    const bool parsed = load_state_file(state_path(config.state, kSegmentName), kSavedMemoryVersion,
                                        log, [&](std::string_view text) -> Result<void> {
                                            auto found = parse_saved_memory(config, text);
                                            if (!found) return tl::unexpected(found.error());
                                            saved = *found;
                                            before.alerts = alert::kept_alerts(text, clock);
                                            return {};
                                        });
    if (parsed && !saved) {
        log.info("the state before is of other lines, another rule or another dry_run");
        return before;
    }
    std::optional<SteeringMemory>& memory = before.memory;
    if (saved) memory = brought_to(*saved, now, config);
    if (record) memory = joined(memory, *record);
    if (!memory) {
        log.info("no state from before");
        return before;
    }
    const Nanos held = now.steady - memory->since;
    log.info("going on from the state before",
             {{"state", name(memory->state)},
              {"from", record ? "the ring's last record" : "the state file"},
              {"held_s", std::chrono::duration<double>(held).count()},
              {"toggles", memory->flaps.count}});
    return before;
}

StateKeeper::State memory_to_keep(const SteeringConfig& whose, const SteeringMemory& memory,
                                  const StateKeeper::State& alerts, const Clock& clock) {
    const Moment now{shm::boot_id(), clock.steady(), clock.wall()};
    return {saved_memory_text(whose, {memory, {}, alerts.what}),
            saved_memory_text(whose, {memory, now, alerts.text})};
}

}  // namespace wanctl::steering
