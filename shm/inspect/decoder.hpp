// How the records of one segment are read and judged: by the tables of this program when the
// segment has the very same ones, else by the segment's own description. Everything the tool shows
// of a record goes through here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "common/record/record_table.hpp"
#include "common/units.hpp"
#include "shm/attach.hpp"
#include "shm/inspect/known_kinds.hpp"

namespace wanctl::inspect {

class Decoder {
  public:
    // Refuses (hash_mismatch) a description that cannot be used or is not the one the segment's
    // layout hash was made of: then nothing says what its bytes mean.
    [[nodiscard]] static tl::expected<Decoder, shm::AttachFailure> of(
        const shm::SegmentFacts& facts);

    [[nodiscard]] const RecordTable& table() const { return table_; }
    [[nodiscard]] bool by_description() const { return !note_.empty(); }
    // Why it is read by its description, for the operator; empty when it is not.
    [[nodiscard]] const std::string& note() const { return note_; }
    // The kind as whose struct the records may be read: they are of this program's version, or of a
    // newer minor one, which only adds fields and words. nullptr when only the description tells
    // what their bytes mean.
    [[nodiscard]] const KnownKind* known() const { return kind_; }

    // The first thing wrong with a record; empty when it is believable. Without `now` (a record of
    // another boot) its time is not judged.
    [[nodiscard]] std::string fault(const std::byte* record, std::optional<SteadyTime> now) const;
    // When the record was made; nothing when its kind does not tell.
    [[nodiscard]] std::optional<Nanos> mono(const std::byte* record) const;
    [[nodiscard]] std::optional<Nanos> real(const std::byte* record) const;

    // For `dump` and `show`; see KnownKind.
    [[nodiscard]] std::string line(const std::byte* record) const;
    [[nodiscard]] std::string headline(const std::byte* record) const;
    // "name value" of every field that the struct of known() has not; of all without known().
    [[nodiscard]] std::vector<std::string> added(const std::byte* record) const;

  private:
    Decoder(RecordTable table, const KnownKind* kind, std::string note)
        : table_(std::move(table)), kind_(kind), note_(std::move(note)) {}
    [[nodiscard]] std::optional<Nanos> time(std::string_view name, const std::byte* record) const;

    RecordTable table_;
    const KnownKind* kind_ = nullptr;
    std::string note_;
};

}  // namespace wanctl::inspect
