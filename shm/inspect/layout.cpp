// `wanctl shm layout`: the record's fields as this program was compiled; also the documentation of
// the ABI.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "common/printable.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/header_fields.hpp"
#include "shm/inspect/known_kinds.hpp"
#include "shm/inspect/layout_markdown.hpp"
#include "shm/inspect/render.hpp"
#include "shm/layout.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    std::string kind = "cycle";
    bool json = false;
    bool markdown = false;
};

std::string words_text(const FieldInfo& field) {
    if (field.names == nullptr) return {};
    std::string words;
    for (std::size_t i = 0; i < field.names->values.size(); ++i) {
        words += fmt::format(" {}={}", i, field.names->values[i]);
    }
    return fmt::format(" [{}:{}]", field.names->name, words);
}

void print_fields(std::span<const FieldInfo> fields, std::string_view title,
                  std::string_view unit) {
    fmt::print("\n{:>6}  {:<10} {:<27} {:<8} {}\n", "OFFSET", "TYPE", title, unit, "MEANING");
    for (const FieldInfo& field : fields) {
        const std::string unknown =
            field.unknown ? fmt::format(" ({} = unknown)", *field.unknown) : std::string();
        fmt::print("{:>6}  {:<10} {:<27} {:<8} {}{}{}\n", field.offset, type_text(field),
                   field.name, field.unit.empty() ? "-" : field.unit, field.help, unknown,
                   words_text(field));
    }
}

void print_text(const RecordAbi& abi) {
    fmt::print("abi {}.{} record {} version {} hash {:016x}\n", abi.major, abi.minor,
               name(abi.kind), abi.version, abi.layout_hash);
    fmt::print("segment {} bytes, header {}, {} slots of {}, record behind 8 bytes of sequence\n",
               shm::kSegmentBytes, shm::kHeaderBytes, shm::kSlots, shm::kSlotBytes);
    print_fields(abi.fields, "FIELD", "UNIT");
    fmt::print("\n{:>6}  {:<27} {:<8} {}\n", "AT", "COUNTER", "UNIT", "MEANING");
    for (std::size_t i = 0; i < abi.counters.size(); ++i) {
        const CounterInfo& counter = abi.counters[i];
        fmt::print("{:#06x}  {:<27} {:<8} {}\n", offsetof(shm::SegmentHeader, counters) + 8 * i,
                   counter.name, counter.unit.empty() ? "-" : counter.unit, counter.help);
    }
    if (!abi.facts.empty()) print_fields(abi.facts, "SLOW FACT", "UNIT");
    print_fields(header_fields(), "HEADER", "WRITTEN");
}

void write_field_info(JsonWriter& json, const FieldInfo& field) {
    json.StartObject();
    key(json, "name");
    text(json, field.name);
    key(json, "type");
    text(json, name(field.type));
    key(json, "offset");
    json.Uint(field.offset);
    key(json, "count");
    json.Uint(field.count);
    if (field.type == FieldType::text) {
        key(json, "width");
        json.Uint(field.width);
    }
    key(json, "unit");
    text(json, field.unit);
    key(json, "help");
    text(json, field.help);
    if (field.unknown) {
        key(json, "unknown");
        json.Int64(*field.unknown);
    }
    if (field.names != nullptr) {
        key(json, "words");
        json.StartArray();
        for (const std::string_view word : field.names->values) text(json, word);
        json.EndArray();
    }
    json.EndObject();
}

void write_table(JsonWriter& json, std::string_view name, std::span<const FieldInfo> fields) {
    key(json, name);
    json.StartArray();
    for (const FieldInfo& field : fields) write_field_info(json, field);
    json.EndArray();
}

void print_json(const RecordAbi& abi) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    key(json, "abi");
    text(json, fmt::format("{}.{}", abi.major, abi.minor));
    key(json, "kind");
    text(json, name(abi.kind));
    key(json, "record_version");
    json.Uint(abi.version);
    key(json, "layout_hash");
    text(json, fmt::format("{:016x}", abi.layout_hash));
    write_table(json, "fields", abi.fields);
    key(json, "counters");
    json.StartArray();
    for (const CounterInfo& counter : abi.counters) {
        json.StartObject();
        key(json, "name");
        text(json, counter.name);
        key(json, "unit");
        text(json, counter.unit);
        key(json, "help");
        text(json, counter.help);
        json.EndObject();
    }
    json.EndArray();
    write_table(json, "facts", abi.facts);
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
}

int run(const Options& options) {
    if (options.markdown) {
        fmt::print("{}", layout_markdown());
        return tool_exit::kYes;
    }
    for (const KnownKind& kind : known_kinds()) {
        if (name(kind.kind) != options.kind) continue;
        if (options.json) {
            print_json(kind.abi());
        } else {
            print_text(kind.abi());
        }
        return tool_exit::kYes;
    }
    fmt::print(stderr, "wanctl: no records of kind \"{}\" in this version\n",
               printable(options.kind));
    return tool_exit::kUsage;
}

}  // namespace

std::function<int()> install_layout(CLI::App& app, const Clock&) {
    const auto options = std::make_shared<Options>();
    app.add_option("--kind", options->kind, "of record (default cycle)");
    app.add_flag("--json", options->json, "a JSON object instead of tables");
    app.add_flag("--markdown", options->markdown, "every kind, as deploy/docs/SHM-ABI.md has it");
    app.footer("As this program was compiled; `show` and `dump` read other versions too. Exit: 0.");
    return [options] { return run(*options); };
}

}  // namespace wanctl::inspect
