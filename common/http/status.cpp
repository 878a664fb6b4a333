#include "common/http/status.hpp"

#include <fmt/format.h>

#include "common/http/json_parts.hpp"
#include "common/printable.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/record_abi.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_fields.hpp"
#include "common/version.hpp"

namespace wanctl::http {

namespace {

struct Source {
    std::string_view name;
    RecordKind kind;
    std::span<const FieldInfo> fields;
    const void* newest;  // nullptr before the first
    std::span<const CounterInfo> counters;
    const metrics::CounterValue& counter;
};

void write_source(JsonWriter& json, const Source& source) {
    words(json, "name", source.name);
    words(json, "kind", name(source.kind));
    key(json, "newest");
    if (source.newest == nullptr) {
        json.Null();
    } else {
        json.StartObject();
        write_fields(json, source.fields, static_cast<const std::byte*>(source.newest));
        json.EndObject();
    }
    key(json, "counters");
    json.StartObject();
    for (std::size_t i = 0; i < source.counters.size(); ++i)
        count(json, source.counters[i].name, source.counter(i));
    json.EndObject();
}

void write_head(JsonWriter& json, const metrics::ProcessView& process) {
    words(json, "version", kVersion);
    number(json, "uptime_seconds", to_seconds(process.now - process.started));
}

}  // namespace

Answer autorate_status(const metrics::ProcessView& process, std::span<const metrics::WanView> wans,
                       std::string_view only) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    write_head(json, process);
    key(json, "wans");
    json.StartArray();
    bool any = false;
    for (const metrics::WanView& wan : wans) {
        if (!only.empty() && only != wan.wan) continue;
        any = true;
        json.StartObject();
        write_source(json, {wan.wan, RecordKind::cycle, cycle_fields(), wan.tap->latest(),
                            cycle_counters(), wan.counter});
        json.EndObject();
    }
    json.EndArray();
    json.EndObject();
    if (!any)
        return error_answer(404, fmt::format("this process has no WAN \"{}\"", printable(only)));
    return json_answer(200, buffer);
}

Answer steering_status(const metrics::ProcessView& process, const metrics::SteeringView& steering) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    write_head(json, process);
    write_source(json, {"steering", RecordKind::steering, steering_fields(), steering.tap->latest(),
                        steering_counters(), steering.counter});
    json.EndObject();
    return json_answer(200, buffer);
}

}  // namespace wanctl::http
