#include "autorate/saved_state.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/record/cycle_fields.hpp"
#include "shm/process_identity.hpp"
#include "shm/segment_reader.hpp"

namespace wanctl::autorate {

namespace {

constexpr Nanos kLoadCounts = std::chrono::seconds(2);
// What no line and no configuration reaches.
constexpr std::int64_t kLongestNs = Nanos(std::chrono::minutes(10)).count();
constexpr std::int64_t kHighestBps = 1'000'000'000'000;
constexpr std::array kDirections{Direction::download, Direction::upload};

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& writer, std::string_view key, std::int64_t value) {
    writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
    writer.Int64(value);
}

void put(Writer& writer, std::string_view key, std::string_view value) {
    writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

std::string hex(const BootId& boot) {
    return fmt::format("{:02x}", fmt::join(boot, ""));
}

tl::unexpected<Error> unusable(std::string_view key) {
    return fail(ErrorKind::invalid_input,
                fmt::format("its \"{}\" is missing or out of range", key));
}

// Reads members, keeping the name of the first one that does not fit.
class Reader {
  public:
    explicit Reader(const rapidjson::Value& object) : object_(object) {}

    std::int64_t integer(const char* key, std::int64_t min, std::int64_t max) {
        const auto member = object_.FindMember(key);
        if (member == object_.MemberEnd() || !member->value.IsInt64() ||
            member->value.GetInt64() < min || member->value.GetInt64() > max) {
            blame(key);
            return min;
        }
        return member->value.GetInt64();
    }
    std::string text(const char* key) {
        const auto member = object_.FindMember(key);
        if (member == object_.MemberEnd() || !member->value.IsString()) {
            blame(key);
            return {};
        }
        return {member->value.GetString(), member->value.GetStringLength()};
    }
    void blame(std::string_view key) {
        if (fault_.empty()) fault_ = key;
    }
    [[nodiscard]] const std::string& fault() const { return fault_; }

  private:
    const rapidjson::Value& object_;
    std::string fault_;
};

BootId boot_of(const std::string& text) {
    BootId boot{};
    if (text.size() != 2 * boot.size() || text.find_first_not_of("0123456789abcdef") != text.npos)
        return boot;
    for (std::size_t i = 0; i < boot.size(); ++i)
        boot[i] = static_cast<std::uint8_t>(std::stoul(text.substr(2 * i, 2), nullptr, 16));
    return boot;
}

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

std::string saved_state_text(std::string_view wan, const SavedState& state) {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    put(writer, "wan", wan);
    put(writer, "boot_id", hex(state.boot));
    put(writer, "mono_ns", state.steady.time_since_epoch().count());
    put(writer, "load_ns", ns(state.law.load));
    put(writer, "baseline_ns", ns(state.law.baseline));
    for (const Direction direction : kDirections) {
        const auto side = static_cast<std::size_t>(direction);
        const std::string_view key = name(direction);
        writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
        writer.StartObject();
        put(writer, "zone", static_cast<std::int64_t>(state.law.zone[side]));
        put(writer, "rate_bps", state.law.rate[side].bps);
        writer.EndObject();
    }
    writer.EndObject();
    return fmt::format("{}\n", buffer.GetString());
}

Result<SavedState> parse_saved_state(std::string_view wan, std::string_view text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    if (document.HasParseError() || !document.IsObject())
        return fail(ErrorKind::invalid_input, "it holds no JSON object");
    SavedState state;
    const rapidjson::Value& object = document;
    Reader reader(object);
    if (reader.text("wan") != wan) reader.blame("wan");
    state.boot = boot_of(reader.text("boot_id"));
    state.steady =
        SteadyTime(Nanos(reader.integer("mono_ns", 0, std::numeric_limits<std::int64_t>::max())));
    state.law.load = ms(reader.integer("load_ns", 1, kLongestNs));
    state.law.baseline = ms(reader.integer("baseline_ns", 1, kLongestNs));
    if (!reader.fault().empty()) return unusable(reader.fault());
    for (const Direction direction : kDirections) {
        const std::string key(name(direction));
        const auto member = object.FindMember(key.c_str());
        if (member == object.MemberEnd() || !member->value.IsObject()) return unusable(key);
        Reader side(member->value);
        const auto index = static_cast<std::size_t>(direction);
        state.law.zone[index] = static_cast<Zone>(side.integer("zone", 0, 3));
        state.law.rate[index] = Rate{side.integer("rate_bps", 1, kHighestBps)};
        if (!side.fault().empty()) return unusable(fmt::format("{}.{}", key, side.fault()));
    }
    return state;
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

std::string state_path(const StateConfig& config, std::string_view wan) {
    return fmt::format("{}/{}.state", config.dir, wan);
}

std::optional<LawMemory> state_to_start_from(const std::optional<SavedState>& file,
                                             const std::optional<SavedState>& record,
                                             const BootId& boot, SteadyTime now) {
    const auto this_boot = [&boot](const SavedState& state) {
        return state.boot == boot && boot != BootId{};
    };
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

}  // namespace wanctl::autorate
