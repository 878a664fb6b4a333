// The tables by which a reader decodes records: compiled in, or taken from a segment's
// self-description, so that records of another build, of a newer minor version or of a kind unknown
// to this program can be read too.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "common/error.hpp"
#include "common/record/fields.hpp"
#include "common/record/record_abi.hpp"

namespace wanctl {

// Copies share one storage; what the spans show lives as long as any copy.
class RecordTable {
  public:
    // The caller's tables live for ever, as compiled ones do.
    [[nodiscard]] static RecordTable of(const RecordAbi& abi);

    // The text is believed no further than its bytes: names are [a-z0-9_], words and units plain,
    // help printable ASCII; every field lies within the record or the facts; numbers of fields,
    // counters, tables and words are bounded. Lines and types of a later version are left out.
    // Error invalid_input names the line that is wrong.
    [[nodiscard]] static Result<RecordTable> parse(std::string_view description);

    [[nodiscard]] std::string_view kind() const;
    [[nodiscard]] std::uint32_t version() const;
    [[nodiscard]] std::span<const FieldInfo> fields() const;
    [[nodiscard]] std::span<const CounterInfo> counters() const;
    // In the slow facts.
    [[nodiscard]] std::span<const FieldInfo> facts() const;
    // layout_hash() of fields and facts.
    [[nodiscard]] std::uint64_t hash() const;

    // nullptr when the records have none of that name.
    [[nodiscard]] const FieldInfo* field(std::string_view name) const;

  private:
    friend class DescriptionParser;
    struct Storage;
    explicit RecordTable(std::shared_ptr<const Storage> storage) : storage_(std::move(storage)) {}

    std::shared_ptr<const Storage> storage_;
};

}  // namespace wanctl
