#include "common/routeros/queue_tree.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "common/routeros/records.hpp"

namespace wanctl::routeros {
namespace {

constexpr std::string_view kFields =
    ".id,name,max-limit,bytes,packets,dropped,queued-bytes,queued-packets,invalid,disabled";

template <typename Integer>
Result<Integer> to_integer(std::string_view key, std::string_view text) {
    Integer value{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || value < Integer{0})
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\" of a queue is \"{}\", not a whole number in range", key,
                                printable(text, 40)));
    return value;
}

Result<bool> to_bool(std::string_view key, std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(
        ErrorKind::invalid_input,
        fmt::format("\"{}\" of a queue is \"{}\", not true or false", key, printable(text, 40)));
}

// Reads one record, keeping the first fault.
class Reader {
  public:
    Reader(const Records& records, std::size_t index) : records_(records), index_(index) {}

    void required(std::string_view key, std::string& out) {
        const auto text = records_.get(index_, key);
        if (text && !text->empty())
            out = *text;
        else
            blame(Error{ErrorKind::invalid_input, fmt::format("a queue has no \"{}\"", key), 0});
    }
    void limit(std::string_view key, Rate& out) {
        const auto text = records_.get(index_, key);
        if (!text)
            return blame(
                Error{ErrorKind::invalid_input, fmt::format("a queue has no \"{}\"", key), 0});
        const auto value = to_integer<std::int64_t>(key, *text);
        if (!value) return blame(value.error());
        out = *value == 0 ? kUnlimited : Rate{*value};
    }
    // A counter this version of RouterOS does not send stays 0: control does not rest on it.
    void counter(std::string_view key, std::uint64_t& out) {
        const auto text = records_.get(index_, key);
        if (!text) return;
        const auto value = to_integer<std::uint64_t>(key, *text);
        if (value)
            out = *value;
        else
            blame(value.error());
    }
    void flag(std::string_view key, bool& out) {
        const auto text = records_.get(index_, key);
        if (!text || text->empty()) return;
        const auto value = to_bool(key, *text);
        if (value)
            out = *value;
        else
            blame(value.error());
    }
    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }

  private:
    void blame(Error error) {
        if (!fault_) fault_ = std::move(error);
    }

    const Records& records_;
    std::size_t index_;
    std::optional<Error> fault_;
};

Result<QueueReading> read_record(const Records& records, std::size_t index) {
    QueueReading reading;
    Reader reader(records, index);
    reader.required(".id", reading.id);
    reader.required("name", reading.name);
    reader.limit("max-limit", reading.max_limit);
    reader.counter("bytes", reading.counts.bytes);
    reader.counter("packets", reading.counts.packets);
    reader.counter("dropped", reading.counts.dropped);
    reader.counter("queued-bytes", reading.counts.queued_bytes);
    reader.counter("queued-packets", reading.counts.queued_packets);
    reader.flag("invalid", reading.invalid);
    reader.flag("disabled", reading.disabled);
    if (reader.fault()) return tl::unexpected<Error>(*reader.fault());
    if (!is_id(reading.id))
        return fail(ErrorKind::invalid_input,
                    fmt::format("\"{}\" is no id of RouterOS", printable(reading.id, 40)));
    return reading;
}

}  // namespace

std::string list_path() {
    return fmt::format("/rest/queue/tree?.proplist={}", kFields);
}

std::string_view print_path() {
    return "/rest/queue/tree/print";
}

std::string print_body(std::span<const QueueNames> pairs) {
    std::string query;
    // A stack: each "or" takes what was found so far and the name before it.
    for (const QueueNames& pair : pairs)
        for (const std::string& name : pair) {
            const bool first = query.empty();
            query += (first ? "" : ",") + json_quoted("name=" + name) + (first ? "" : R"(,"#|")");
        }
    return fmt::format(R"({{".proplist":"{}",".query":[{}]}})", kFields, query);
}

std::string patch_path(std::string_view id) {
    return fmt::format("/rest/queue/tree/{}", id);
}

std::string patch_body(Rate max_limit) {
    return fmt::format(R"({{"max-limit":"{}"}})", max_limit.bps);
}

tl::expected<QueuePair, QueueFault> find_queues(std::string_view body, const QueueNames& names) {
    const auto bad = [](const Error& error) {
        return tl::unexpected<QueueFault>(QueueFault{RouterState::bad_reply, error.message});
    };
    const auto records = Records::parse(body);
    if (!records) return bad(records.error());
    QueuePair pair;
    for (std::size_t direction = 0; direction < names.size(); ++direction) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < records->size(); ++i) {
            if (records->get(i, "name") != std::optional<std::string_view>(names[direction]))
                continue;
            if (++count > 1) continue;
            auto reading = read_record(*records, i);
            if (!reading) return bad(reading.error());
            pair[direction] = std::move(*reading);
        }
        if (count == 1) continue;
        return tl::unexpected<QueueFault>(
            QueueFault{count == 0 ? RouterState::queue_missing : RouterState::queue_ambiguous,
                       fmt::format("{} queues in /queue/tree are named \"{}\", exactly one must be",
                                   count, printable(names[direction], 64))});
    }
    return pair;
}

Result<QueueReading> read_queue(std::string_view body) {
    const auto written = Records::parse_one(body, "written");
    if (!written) return tl::unexpected<Error>(written.error());
    return read_record(*written, 0);
}

}  // namespace wanctl::routeros
