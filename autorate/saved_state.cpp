#include "autorate/saved_state.hpp"

#include <cmath>

#include <fmt/format.h>

#include "common/record/cycle_fields.hpp"
#include "common/state/members.hpp"
#include "shm/process_identity.hpp"
#include "shm/segment_reader.hpp"

namespace wanctl::autorate {

namespace {

constexpr Nanos kLoadCounts = std::chrono::seconds(2);
// What no line and no configuration reaches.
constexpr std::int64_t kLongestNs = Nanos(std::chrono::minutes(10)).count();
constexpr std::int64_t kHighestBps = 1'000'000'000'000;
constexpr std::array kDirections{Direction::download, Direction::upload};

std::int64_t ns(Millis value) {
    return from_ms(value.count()).count();
}
Millis ms(std::int64_t nanos) {
    return Millis(to_ms(Nanos(nanos)));
}

bool plausible(const LawMemory& law) {
    const auto within = [](Millis value) { return value.count() > 0 && ns(value) <= kLongestNs; };
    bool good = within(law.load) && within(law.baseline);
    for (const Direction direction : kDirections) {
        const auto side = static_cast<std::size_t>(direction);
        good = good && law.zone[side] <= Zone::red && law.rate[side].bps > 0 &&
               law.rate[side].bps <= kHighestBps;
    }
    return good;
}

}  // namespace

std::string saved_state_text(std::string_view wan, const SavedState& saved) {
    using state::put;
    rapidjson::StringBuffer buffer;
    state::Writer writer(buffer);
    writer.StartObject();
    put(writer, "wan", wan);
    put(writer, "boot_id", saved.boot);
    put(writer, "mono_ns", saved.steady.time_since_epoch().count());
    put(writer, "load_ns", ns(saved.law.load));
    put(writer, "baseline_ns", ns(saved.law.baseline));
    for (const Direction direction : kDirections) {
        const auto side = static_cast<std::size_t>(direction);
        state::key(writer, name(direction));
        writer.StartObject();
        put(writer, "zone", static_cast<std::int64_t>(saved.law.zone[side]));
        put(writer, "rate_bps", saved.law.rate[side].bps);
        writer.EndObject();
    }
    state::put_json(writer, "alerts", saved.alerts);
    writer.EndObject();
    return fmt::format("{}\n", buffer.GetString());
}

Result<SavedState> parse_saved_state(std::string_view wan, std::string_view text) {
    rapidjson::Document document;
    if (auto object = state::parse_object(document, text); !object)
        return tl::unexpected(object.error());
    SavedState saved;
    const rapidjson::Value& object = document;
    state::Reader reader(object);
    if (reader.text("wan") != wan) reader.blame("wan");
    saved.boot = reader.boot("boot_id");
    saved.steady =
        SteadyTime(Nanos(reader.integer("mono_ns", 0, std::numeric_limits<std::int64_t>::max())));
    saved.law.load = ms(reader.integer("load_ns", 1, kLongestNs));
    saved.law.baseline = ms(reader.integer("baseline_ns", 1, kLongestNs));
    if (!reader.fault().empty()) return state::unusable(reader.fault());
    for (const Direction direction : kDirections) {
        const std::string key(name(direction));
        const auto member = object.FindMember(key.c_str());
        if (member == object.MemberEnd() || !member->value.IsObject()) return state::unusable(key);
        state::Reader side(member->value);
        const auto index = static_cast<std::size_t>(direction);
        saved.law.zone[index] = static_cast<Zone>(side.integer("zone", 0, 3));
        saved.law.rate[index] = Rate{side.integer("rate_bps", 1, kHighestBps)};
        if (!side.fault().empty()) return state::unusable(fmt::format("{}.{}", key, side.fault()));
    }
    return saved;
}

std::optional<SavedState> last_record_state(const std::string& wan) {
    const auto reader =
        shm::SegmentReader<CycleRecord>::attach(wan, cycle_abi(), {shm::own_and_root(), {}, {}});
    if (!reader || reader->facts().boot_id != shm::boot_id()) return std::nullopt;
    CycleRecord record;
    std::uint64_t number = 0;
    if (reader->read_newest(record, number) != shm::ReadStatus::ok) return std::nullopt;
    SavedState state;
    state.boot = reader->facts().boot_id;
    state.steady = SteadyTime(Nanos(record.mono_ns));
    state.law = {ms(record.load_ns), ms(record.baseline_ns), {}, {}};
    for (std::size_t side = 0; side < 2; ++side) {
        state.law.zone[side] = static_cast<Zone>(record.direction[side].zone);
        state.law.rate[side] = Rate{record.direction[side].wanted_bps};
    }
    if (!plausible(state.law)) return std::nullopt;
    return state;
}

std::optional<LawMemory> state_to_start_from(const std::optional<SavedState>& file,
                                             const std::optional<SavedState>& record,
                                             const BootId& boot, SteadyTime now) {
    const auto this_boot = [&boot](const SavedState& state) { return same_boot(state.boot, boot); };
    const std::optional<SavedState>* best = &file;
    if (record &&
        (!file || (this_boot(*record) && (!this_boot(*file) || record->steady >= file->steady))))
        best = &record;
    if (!*best) return std::nullopt;
    LawMemory law = (*best)->law;
    const Nanos age = now - (*best)->steady;
    if (!this_boot(**best) || age < Nanos(0) || age > kLoadCounts) law.load = law.baseline;
    return law;
}

Before load_state(const AutorateConfig& config, const Clock& clock, Log& log) {
    const auto record = last_record_state(config.wan);
    Before before;
    std::optional<SavedState> file;
    load_state_file(state_path(config.state, config.wan), kSavedStateVersion, log,
                    [&](std::string_view text) -> Result<void> {
                        auto parsed = parse_saved_state(config.wan, text);
                        if (!parsed) return tl::unexpected(parsed.error());
                        file = *parsed;
                        before.alerts = alert::kept_alerts(text, clock);
                        return {};
                    });
    const auto& law = before.law =
        state_to_start_from(file, record, shm::boot_id(), clock.steady());
    if (law) {
        log.info("going on from the state before", {{"baseline_ms", law->baseline.count()},
                                                    {"download_bps", law->rate[0].bps},
                                                    {"upload_bps", law->rate[1].bps}});
    } else {
        log.info("no state from before: the law begins at the ceilings");
    }
    return before;
}

StateKeeper::State state_to_keep(std::string_view wan, const LawMemory& law,
                                 const StateKeeper::State& alerts, const Clock& clock) {
    return {saved_state_text(wan, {law, {}, {}, alerts.what}),
            saved_state_text(wan, {law, shm::boot_id(), clock.steady(), alerts.text})};
}

}  // namespace wanctl::autorate
