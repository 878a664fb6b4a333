#include "common/record/record_table.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace wanctl {

struct RecordTable::Storage {
    std::string text;  // what the views below look into, when it was parsed
    std::string_view kind;
    std::uint32_t version = 1;
    std::vector<FieldInfo> fields;
    std::vector<CounterInfo> counters;
    std::vector<FieldInfo> facts;
    std::map<std::string_view, std::vector<std::string_view>> words;
    std::map<std::string_view, NameTable> tables;
};

namespace {

constexpr std::size_t kMaxRows = 512;    // fields, counters, facts: of each
constexpr std::size_t kMaxTables = 128;  // of words
constexpr std::size_t kMaxWords = 256;   // in a table
constexpr std::size_t kMaxNameBytes = 64;

// Newlines and printable ASCII stay; the rest may not reach a terminal.
std::string harmless(std::string_view description) {
    std::string text(description);
    for (char& c : text) {
        if (c != '\n' && (c < 0x20 || c > 0x7e)) c = '?';
    }
    return text;
}

// What is left of a line, taken apart at single blanks.
std::string_view next_token(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view token = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return token;
}

bool plain(std::string_view text, std::string_view more) {
    const auto allowed = [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
    };
    return !text.empty() && text.size() <= kMaxNameBytes && std::ranges::all_of(text, allowed);
}
bool is_name(std::string_view text) {
    return plain(text, "_");
}
bool is_word(std::string_view text) {
    return plain(text, "_-.+/%ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
    Number value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "u32", "i64*16", "text16*2". False for what cannot be; `known` is false for a type of later
// versions.
bool read_type(std::string_view token, FieldInfo& field, bool& known) {
    const std::size_t star = token.find('*');
    std::string_view type = token.substr(0, star);
    if (star != token.npos) {
        const auto count = number_in<std::uint32_t>(token.substr(star + 1));
        if (!count || *count == 0) return false;
        field.count = *count;
    }
    known = true;
    for (const FieldType each : {FieldType::u8, FieldType::u16, FieldType::u32, FieldType::u64,
                                 FieldType::i32, FieldType::i64}) {
        if (type != name(each)) continue;
        field.type = each;
        return true;
    }
    if (type.starts_with(name(FieldType::text))) {
        type.remove_prefix(name(FieldType::text).size());
        const auto width = number_in<std::uint32_t>(type);
        if (!width || *width == 0) return false;
        field.type = FieldType::text;
        field.width = *width;
        return true;
    }
    known = false;
    return is_name(type);
}

std::int64_t least_of(FieldType type) {
    return type == FieldType::i32 ? std::numeric_limits<std::int32_t>::min()
                                  : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

// Takes a self-description apart, tables of words first: fields point to them.
class DescriptionParser {
  public:
    explicit DescriptionParser(RecordTable::Storage& out) : out_(out) {}

    // An empty text when all is well, else what is wrong.
    std::string run() {
        for (const bool tables : {true, false}) {
            std::string_view rest = out_.text;
            for (bool first = true; !rest.empty(); first = false) {
                const std::size_t end = std::min(rest.find('\n'), rest.size());
                const std::string_view line = rest.substr(0, end);
                rest.remove_prefix(std::min(end + 1, rest.size()));
                const bool good = first    ? read_title(line)
                                  : tables ? read_table(line)
                                           : read_row(line);
                if (!good) return fmt::format("\"{}\"", line.substr(0, 80));
            }
        }
        return out_.fields.empty() ? "no field" : std::string();
    }

  private:
    bool read_title(std::string_view line) {
        if (next_token(line) != "wanctl") return false;
        out_.kind = next_token(line);
        const auto version = number_in<std::uint32_t>(line);
        out_.version = version.value_or(0);
        return is_name(out_.kind) && version && *version > 0;
    }

    bool read_table(std::string_view line) {
        if (!line.starts_with('=')) return true;
        line.remove_prefix(1);
        const std::string_view name = next_token(line);
        std::vector<std::string_view>& words = out_.words[name];
        if (!is_name(name) || !words.empty() || out_.words.size() > kMaxTables) return false;
        while (!line.empty()) {
            words.push_back(next_token(line));
            if (!is_word(words.back()) || words.size() > kMaxWords) return false;
        }
        out_.tables[name] = NameTable{name, words};
        return true;
    }

    bool read_row(std::string_view line) {
        if (line.starts_with('#')) return read_counter(line.substr(1));
        if (line.starts_with('@')) return read_field(line.substr(1), kFactsBytes, out_.facts);
        const bool field = !line.empty() && line.front() >= 'a' && line.front() <= 'z';
        return !field || read_field(line, kRecordBytes, out_.fields);
    }

    static std::string_view cut_help(std::string_view& line) {
        const std::size_t at = line.find("; ");
        if (at == line.npos) return {};
        const std::string_view help = line.substr(at + 2);
        line = line.substr(0, at);
        return help;
    }

    bool read_counter(std::string_view line) {
        CounterInfo counter;
        counter.help = cut_help(line);
        counter.name = next_token(line);
        counter.unit = line;
        out_.counters.push_back(counter);
        return is_name(counter.name) && (line.empty() || is_word(line)) &&
               out_.counters.size() <= kMaxRows;
    }

    bool read_field(std::string_view line, std::size_t bytes, std::vector<FieldInfo>& fields) {
        FieldInfo field;
        field.help = cut_help(line);
        field.name = next_token(line);
        bool known = false;
        if (!is_name(field.name) || !read_type(next_token(line), field, known)) return false;
        const auto offset = number_in<std::uint32_t>(next_token(line));
        if (!offset) return false;
        field.offset = *offset;
        if (!known) return true;
        const std::uint64_t end =
            std::uint64_t{field.offset} + std::uint64_t{element_size(field)} * field.count;
        if (end > bytes || !read_unit(next_token(line), field)) return false;
        while (!line.empty()) {
            if (!read_mark(next_token(line), field)) return false;
        }
        const auto names = &fields == &out_.facts ? &fact_names_ : &field_names_;
        if (!names->insert(field.name).second || fields.size() >= kMaxRows) return false;
        fields.push_back(field);
        return true;
    }

    bool read_unit(std::string_view token, FieldInfo& field) const {
        if (token == "reserved") {
            field.role = FieldRole::reserved;
            return true;
        }
        std::string_view table;
        if (token.starts_with('=') || token.starts_with('&')) {
            field.role = token.front() == '=' ? FieldRole::enumeration : FieldRole::bits;
            table = token.substr(1);
        } else {
            const std::size_t at = token.find('@');
            const std::string_view unit = token.substr(0, at);
            if (!is_word(unit)) return false;
            if (unit != "-") field.unit = unit;
            if (at == token.npos) return true;
            field.role = FieldRole::per_index;
            table = token.substr(at + 1);
        }
        const auto found = out_.tables.find(table);
        if (found == out_.tables.end() ||
            (field.type == FieldType::text && field.role != FieldRole::per_index)) {
            return false;
        }
        field.names = &found->second;
        return true;
    }

    static bool read_mark(std::string_view token, FieldInfo& field) {
        if (token == "?min") {
            field.unknown = least_of(field.type);
        } else if (token.starts_with('?')) {
            field.unknown = number_in<std::int64_t>(token.substr(1));
            return field.unknown.has_value();
        } else if (token.starts_with('+')) {
            const auto since = number_in<std::uint32_t>(token.substr(1));
            field.since = since.value_or(0);
            return field.since > 0;
        }
        // Another mark is of a later version.
        return true;
    }

    RecordTable::Storage& out_;
    std::set<std::string_view> field_names_;
    std::set<std::string_view> fact_names_;
};

RecordTable RecordTable::of(const RecordAbi& abi) {
    auto storage = std::make_shared<Storage>();
    storage->kind = name(abi.kind);
    storage->version = abi.version;
    storage->fields.assign(abi.fields.begin(), abi.fields.end());
    storage->counters.assign(abi.counters.begin(), abi.counters.end());
    storage->facts.assign(abi.facts.begin(), abi.facts.end());
    return RecordTable(std::move(storage));
}

Result<RecordTable> RecordTable::parse(std::string_view description) {
    auto storage = std::make_shared<Storage>();
    storage->text = harmless(description);
    const std::string wrong = DescriptionParser(*storage).run();
    if (!wrong.empty()) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("the self-description cannot be used: {}", wrong));
    }
    return RecordTable(std::move(storage));
}

std::string_view RecordTable::kind() const {
    return storage_->kind;
}
std::uint32_t RecordTable::version() const {
    return storage_->version;
}
std::span<const FieldInfo> RecordTable::fields() const {
    return storage_->fields;
}
std::span<const CounterInfo> RecordTable::counters() const {
    return storage_->counters;
}
std::span<const FieldInfo> RecordTable::facts() const {
    return storage_->facts;
}
std::uint64_t RecordTable::hash() const {
    return layout_hash(storage_->facts, "@", layout_hash(storage_->fields));
}

const FieldInfo* RecordTable::field(std::string_view name) const {
    const auto found = std::ranges::find(storage_->fields, name, &FieldInfo::name);
    return found == storage_->fields.end() ? nullptr : &*found;
}

}  // namespace wanctl
