#include "shm/inspect/decoder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/record/cycle_checks.hpp"
#include "shm/inspect/render.hpp"

namespace wanctl::inspect {
namespace {

// Later than any record: for those whose clock is not ours.
constexpr SteadyTime kNever{std::chrono::hours(24 * 365 * 100)};

std::string why_by_description(const shm::SegmentFacts& facts, const KnownKind* kind) {
    if (kind == nullptr) {
        return fmt::format("records of kind {} are not known to this program",
                           static_cast<std::uint32_t>(facts.kind));
    }
    const RecordAbi abi = kind->abi();
    if (facts.layout_hash == abi.layout_hash) {
        return fmt::format("written as record version {} of ABI {}.{}, this program has version {}",
                           facts.record_version, facts.abi_major, facts.abi_minor, abi.version);
    }
    return fmt::format(
        "written by another build ({}, layout hash {:016x}; this program has {:016x})",
        facts.version.empty() ? "?" : facts.version, facts.layout_hash, abi.layout_hash);
}

// "name value" of every field but those of `without`, the times, and what has no meaning.
std::vector<std::string> listed(std::span<const FieldInfo> fields, const std::byte* record,
                                std::span<const FieldInfo> without) {
    std::vector<std::string> words;
    for (const FieldInfo& field : fields) {
        if (field.role == FieldRole::reserved || field.name == "mono_ns" ||
            field.name == "real_ns" ||
            std::ranges::find(without, field.name, &FieldInfo::name) != without.end()) {
            continue;
        }
        words.push_back(fmt::format("{} {}", field.name, field_text(field, record)));
    }
    return words;
}

}  // namespace

tl::expected<Decoder, shm::AttachFailure> Decoder::of(const shm::SegmentFacts& facts) {
    const KnownKind* kind = known_kind(facts.kind);
    const KnownKind* as_known = nullptr;
    if (kind != nullptr) {
        const RecordAbi abi = kind->abi();
        const bool same_layout = facts.layout_hash == abi.layout_hash;
        if (same_layout && facts.record_version == abi.version) {
            return Decoder(RecordTable::of(abi), kind, {});
        }
        if (same_layout && facts.record_version > abi.version) as_known = kind;
    }
    const std::string note = why_by_description(facts, kind);
    const auto refuse = [&](const std::string& why) {
        return tl::unexpected<shm::AttachFailure>(shm::AttachFailure{
            shm::AttachStatus::hash_mismatch, fmt::format("{}, and {}", note, why)});
    };
    auto table = RecordTable::parse(facts.description);
    if (!table) return refuse(table.error().message);
    if (table->hash() != facts.layout_hash) {
        return refuse(
            fmt::format("its self-description is not the one it was written with (its "
                        "hash is {:016x})",
                        table->hash()));
    }
    return Decoder(std::move(*table), as_known, note + ": read by its self-description");
}

std::string Decoder::fault(const std::byte* record, std::optional<SteadyTime> now) const {
    if (kind_ != nullptr) return kind_->fault(record, now.value_or(kNever), table_.fields());
    const auto at = mono(record);
    if (at && (*at < Nanos(0) || *at > now.value_or(kNever).time_since_epoch() + kClockSlack)) {
        return fmt::format("mono_ns = {} lies in the future", at->count());
    }
    return wrong_word(table_.fields(), record);
}

std::optional<Nanos> Decoder::time(std::string_view name, const std::byte* record) const {
    const FieldInfo* field = table_.field(name);
    if (field == nullptr || field->type != FieldType::i64 || field->unit != "ns") {
        return std::nullopt;
    }
    return Nanos(field_value(*field, record));
}

std::optional<Nanos> Decoder::mono(const std::byte* record) const {
    return time("mono_ns", record);
}

std::optional<Nanos> Decoder::real(const std::byte* record) const {
    return time("real_ns", record);
}

std::string Decoder::line(const std::byte* record) const {
    if (kind_ != nullptr && kind_->line != nullptr && !by_description()) return kind_->line(record);
    return fmt::format("{}", fmt::join(listed(table_.fields(), record, {}), "  "));
}

std::vector<std::string> Decoder::added(const std::byte* record) const {
    const auto ours = kind_ != nullptr ? kind_->abi().fields : std::span<const FieldInfo>();
    return listed(table_.fields(), record, ours);
}

std::string Decoder::headline(const std::byte* record) const {
    const bool ours = kind_ != nullptr && kind_->headline != nullptr && !by_description();
    return ours ? kind_->headline(record) : std::string();
}

}  // namespace wanctl::inspect
