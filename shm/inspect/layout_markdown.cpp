#include "shm/inspect/layout_markdown.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "common/record/record_abi.hpp"
#include "shm/inspect/header_fields.hpp"
#include "shm/inspect/known_kinds.hpp"
#include "shm/layout.hpp"

namespace wanctl::inspect {
namespace {

std::string places() {
    const auto row = [](std::size_t offset, std::size_t size, std::string_view what) {
        return fmt::format("| {:#06x} | {} | {} |\n", offset, size, what);
    };
    using shm::SegmentFrame;
    return "| offset | bytes | what |\n|---|---|---|\n" +
           row(0, sizeof(shm::SegmentHeader), "header, below") +
           row(offsetof(SegmentFrame, facts), sizeof(shm::FactsCopy),
               "slow facts, copy 0: sequence (u64) and " + std::to_string(kFactsBytes) +
                   " bytes of facts") +
           row(offsetof(SegmentFrame, facts) + sizeof(shm::FactsCopy), sizeof(shm::FactsCopy),
               "slow facts, copy 1") +
           row(offsetof(SegmentFrame, description), shm::kMoreDescriptionBytes,
               "self-description, continued") +
           row(shm::kHeaderBytes, shm::kSlots * shm::kSlotBytes,
               fmt::format("ring: {} slots of {} bytes: sequence (u64) and {} bytes of record",
                           shm::kSlots, shm::kSlotBytes, kRecordBytes));
}

std::string meaning(const FieldInfo& field) {
    std::string text(field.help);
    if (field.unknown) text += fmt::format(" ({} = unknown)", *field.unknown);
    if (field.since > 1) text += fmt::format(" (since record version {})", field.since);
    if (field.names == nullptr) return text;
    const std::string_view what = field.role == FieldRole::bits        ? "bits"
                                  : field.role == FieldRole::per_index ? "index"
                                                                       : "words";
    return text + fmt::format("; {}: `{}`", what, field.names->name);
}

std::string field_rows(std::span<const FieldInfo> fields, std::string_view third, bool hex) {
    std::string text =
        fmt::format("| offset | type | name | {} | meaning |\n|---|---|---|---|---|\n", third);
    for (const FieldInfo& field : fields) {
        text += fmt::format(
            "| {} | {} | `{}` | {} | {} |\n",
            hex ? fmt::format("{:#05x}", field.offset) : fmt::format("{}", field.offset),
            type_text(field), field.name, field.unit.empty() ? "-" : field.unit, meaning(field));
    }
    return text;
}

std::string counter_rows(const RecordAbi& abi) {
    std::string text = "| offset | counter | unit | meaning |\n|---|---|---|---|\n";
    for (std::size_t i = 0; i < abi.counters.size(); ++i) {
        const CounterInfo& counter = abi.counters[i];
        text += fmt::format("| {:#05x} | `{}` | {} | {} |\n",
                            offsetof(shm::SegmentHeader, counters) + 8 * i, counter.name,
                            counter.unit.empty() ? "-" : counter.unit, counter.help);
    }
    return text;
}

std::string word_rows(const RecordAbi& abi) {
    std::vector<const NameTable*> told;
    std::string text = "| name | its numbers, from 0 |\n|---|---|\n";
    for (const auto& fields : {abi.fields, abi.facts}) {
        for (const FieldInfo& field : fields) {
            if (field.names == nullptr || std::ranges::find(told, field.names) != told.end()) {
                continue;
            }
            told.push_back(field.names);
            text += fmt::format("| `{}` |", field.names->name);
            for (const std::string_view word : field.names->values)
                text += fmt::format(" {}", word);
            text += " |\n";
        }
    }
    return text;
}

std::string kind_text(const RecordAbi& abi) {
    std::string text = fmt::format(
        "\n### Records of kind {}: {}\n\nRecord version {}, layout hash `{:016x}`. Offsets count "
        "from "
        "the start of the record, 8 bytes into its slot.\n\n",
        static_cast<std::uint32_t>(abi.kind), name(abi.kind), abi.version, abi.layout_hash);
    text += field_rows(abi.fields, "unit", false);
    text += fmt::format("\nIts counters:\n\n{}", counter_rows(abi));
    if (!abi.facts.empty()) {
        text += fmt::format("\nIts slow facts; offsets count from 8 bytes into the copy:\n\n{}",
                            field_rows(abi.facts, "unit", false));
    }
    return text + fmt::format("\nIts words, bits and indices:\n\n{}", word_rows(abi));
}

}  // namespace

std::string type_text(const FieldInfo& field) {
    std::string text(name(field.type));
    if (field.type == FieldType::text) text += fmt::format("{}", field.width);
    if (field.count != 1) text += fmt::format("*{}", field.count);
    return text;
}

std::string layout_markdown() {
    std::string text = fmt::format(
        "### The segment, ABI {}.{}\n\n{} bytes, little endian.\n\n{}\n### The header\n\n{}",
        kAbiMajor, kAbiMinor, shm::kSegmentBytes, places(),
        field_rows(header_fields(), "written", true));
    for (const KnownKind& kind : known_kinds()) text += kind_text(kind.abi());
    return text;
}

}  // namespace wanctl::inspect
