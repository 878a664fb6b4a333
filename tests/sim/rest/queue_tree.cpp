#include "tests/sim/rest/queue_tree.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/rest/copy_from.hpp"
#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

constexpr auto kRate = ValueType::rate;

constexpr std::array kProperties = {
    PropertySpec{.name = "bucket-size", .type = ValueType::decimal, .initial = "0.1", .max = 10},
    PropertySpec{.name = "burst-limit", .type = kRate, .initial = "0"},
    PropertySpec{.name = "burst-threshold", .type = kRate, .initial = "0"},
    PropertySpec{.name = "burst-time", .type = ValueType::duration, .initial = "0s"},
    PropertySpec{.name = "comment", .optional = true},
    PropertySpec{.name = "disabled", .type = ValueType::flag, .initial = "false"},
    PropertySpec{.name = "limit-at", .type = kRate, .initial = "0"},
    PropertySpec{.name = "max-limit", .type = kRate, .initial = "0"},
    PropertySpec{.name = "name"},
    PropertySpec{.name = "packet-mark"},
    PropertySpec{.name = "parent", .initial = "global"},
    PropertySpec{
        .name = "priority", .type = ValueType::integer, .initial = "8", .min = 1, .max = 8},
    PropertySpec{.name = "queue", .initial = "default-small"},
};

constexpr std::array kCommands = {"add",    "set",     "remove",         "comment",
                                  "enable", "disable", "reset-counters", "reset-counters-all"};

// The administrator's name in the history and the log.
const std::string kOutside = "admin";

Rate rate_of(const Settings& settings, const std::string& name) {
    return Rate{parse_rate(settings.at(name)).value_or(0)};
}

double decimal_of(const std::string& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

QueueTree::QueueTree(const Clock& clock, const QueueTypes& types, const Interfaces& interfaces)
    : clock_(clock), types_(types), interfaces_(interfaces) {}

bool QueueTree::knows(std::string_view command) const {
    return std::find(kCommands.begin(), kCommands.end(), command) != kCommands.end();
}

std::vector<Record> QueueTree::records() const {
    std::vector<Record> records;
    for (const auto& queue : queues_) records.push_back(record_of(queue));
    return records;
}

Outcome<std::string> QueueTree::add(const Settings& settings, const std::string& by) {
    Queue queue{.id = format_id(next_id_)};
    for (const auto& spec : kProperties) queue.settings.emplace(spec.name, spec.initial);
    queue.settings["queue"] = types_.id_of("default-small").value_or("");
    Settings rest = settings;
    const auto original = take_original(queues_, rest);
    if (!original) return tl::unexpected(original.error());
    if (*original != nullptr) {
        queue.settings = (*original)->settings;
        queue.settings["name"].clear();
        rest.try_emplace("parent", queue.settings.at("parent"));
    }
    if (!rest.contains("parent")) return refuse("missing =parent=");
    if (!rest.contains("name")) rest["name"] = fmt::format("queue{}", queues_.size() + 1);
    queue.port = port_for(rest.at("name"));
    if (auto done = change(queue, rest, by); !done) return tl::unexpected(done.error());
    ++next_id_;
    queues_.push_back(std::move(queue));
    return queues_.back().id;
}

Outcome<void> QueueTree::run(const std::string& command, const std::string& id,
                             const Settings& settings, const std::string& by) {
    if (command == "reset-counters-all") {
        reset_all_counters();
        return {};
    }
    const auto queue = std::find_if(queues_.begin(), queues_.end(),
                                    [&id](const auto& candidate) { return candidate.id == id; });
    if (queue == queues_.end()) return refuse_unknown_item();
    if (command == "enable") return change(*queue, {{"disabled", "false"}}, by);
    if (command == "disable") return change(*queue, {{"disabled", "true"}}, by);
    if (command == "remove") {
        erase(static_cast<std::size_t>(queue - queues_.begin()));
        return {};
    }
    if (command == "reset-counters") {
        queue->port->reset_counters();
        return {};
    }
    return change(*queue, settings, by);
}

void QueueTree::connect(const std::string& name, QueuePort& port) {
    ports_[name] = &port;
    for (auto& queue : queues_) {
        if (queue.settings.at("name") == name) queue.port = &port;
    }
    apply_limits();
}

void QueueTree::apply_limits() {
    for (const auto& queue : queues_) apply(queue);
}

void QueueTree::reset_all_counters() {
    for (const auto& queue : queues_) queue.port->reset_counters();
}

Outcome<void> QueueTree::rename(const std::string& name, const std::string& to) {
    const auto index = only(name);
    if (!index) return tl::unexpected(index.error());
    return change(queues_[*index], {{"name", to}}, kOutside);
}

Outcome<void> QueueTree::remove(const std::string& name) {
    const auto index = only(name);
    if (!index) return tl::unexpected(index.error());
    erase(*index);
    return {};
}

Outcome<void> QueueTree::duplicate(const std::string& name) {
    const auto index = only(name);
    if (!index) return tl::unexpected(index.error());
    Queue copy = queues_[*index];
    copy.id = format_id(next_id_++);
    copy.port = &idle_;
    queues_.push_back(std::move(copy));
    return {};
}

Outcome<void> QueueTree::keep_newest(const std::string& name) {
    if (!exists(name)) return refuse(fmt::format("no queue is named {}", name));
    const auto named = [&name](const Queue& queue) { return queue.settings.at("name") == name; };
    while (!only(name)) {
        erase(static_cast<std::size_t>(std::find_if(queues_.begin(), queues_.end(), named) -
                                       queues_.begin()));
    }
    Queue& kept = *std::find_if(queues_.begin(), queues_.end(), named);
    kept.port = port_for(name);
    apply(kept);
    return {};
}

void QueueTree::renumber(bool swapped) {
    for (std::size_t low = 0, high = queues_.size(); swapped && low + 1 < high; ++low)
        std::swap(queues_[low].id, queues_[--high].id);
    for (auto& queue : queues_)
        if (!swapped) queue.id = format_id(next_id_++);
}

Outcome<void> QueueTree::reset_counters(const std::string& name) {
    const auto index = only(name);
    if (!index) return tl::unexpected(index.error());
    queues_[*index].port->reset_counters();
    return {};
}

Outcome<void> QueueTree::set_limit(const std::string& name, const std::string& max_limit) {
    const auto index = only(name);
    if (!index) return tl::unexpected(index.error());
    return change(queues_[*index], {{"max-limit", max_limit}}, kOutside);
}

Outcome<void> QueueTree::set_invalid(const std::string& name, const std::string& invalid) {
    const auto index = only(name);
    if (!index) return tl::unexpected(index.error());
    const auto flag = parse_flag(invalid);
    if (!flag) return refuse("invalid value for argument invalid");
    queues_[*index].broken = *flag;
    apply(queues_[*index]);
    return {};
}

Outcome<Settings> QueueTree::checked(const Queue& queue, const Settings& settings) const {
    Settings wanted = queue.settings;
    for (const auto& [name, value] : settings) {
        const auto* const spec = find_property(kProperties, name);
        if (spec == nullptr) return refuse_unknown_parameter(name);
        auto stored = normalised(*spec, value);
        if (!stored) return tl::unexpected(stored.error());
        wanted[name] = std::move(*stored);
    }
    if (settings.contains("queue")) {
        const auto type = types_.id_of(wanted.at("queue"));
        if (!type) return refuse("input does not match any value of queue");
        wanted["queue"] = *type;
    }
    if (auto done = check_references(queue, wanted); !done) return tl::unexpected(done.error());
    const Rate max_limit = rate_of(wanted, "max-limit");
    if (max_limit.bps != 0 && rate_of(wanted, "limit-at") > max_limit) {
        return refuse("failure: limit-at is greater than max-limit");
    }
    return wanted;
}

Outcome<void> QueueTree::check_references(const Queue& queue, Settings& wanted) const {
    const auto& name = wanted.at("name");
    if (name.empty()) return refuse("invalid value for argument name");
    if (name != queue.settings.at("name") && exists(name)) {
        return refuse("failure: already have such entry");
    }
    const auto& parent = wanted.at("parent");
    const bool unchanged = parent == queue.settings.at("parent");
    if (!unchanged && parent != "global" && !interfaces_.exists(parent) &&
        (!exists(parent) || parent == name)) {
        return refuse("input does not match any value of parent");
    }
    return {};
}

Outcome<void> QueueTree::change(Queue& queue, const Settings& settings, const std::string& by) {
    auto wanted = checked(queue, settings);
    if (!wanted) return tl::unexpected(wanted.error());
    const Rate from = rate_of(queue.settings, "max-limit");
    const Rate to = rate_of(*wanted, "max-limit");
    queue.settings = std::move(*wanted);
    if (settings.contains("max-limit")) {
        history_.push_back({clock_.steady(), queue.settings.at("name"), from, to, by});
        if (history_.size() > kHistory) history_.pop_front();
    }
    apply(queue);
    return {};
}

Outcome<std::size_t> QueueTree::only(const std::string& name) const {
    std::size_t found = queues_.size();
    for (std::size_t index = 0; index < queues_.size(); ++index) {
        if (queues_[index].settings.at("name") != name) continue;
        if (found != queues_.size())
            return refuse(fmt::format("more than one queue is named {}", name));
        found = index;
    }
    if (found == queues_.size()) return refuse(fmt::format("no queue is named {}", name));
    return found;
}

bool QueueTree::exists(const std::string& name) const {
    return std::any_of(queues_.begin(), queues_.end(),
                       [&name](const auto& queue) { return queue.settings.at("name") == name; });
}

bool QueueTree::invalid(const Queue& queue) const {
    const auto& parent = queue.settings.at("parent");
    return queue.broken || !(parent == "global" || interfaces_.running(parent) || exists(parent));
}

Record QueueTree::record_of(const Queue& queue) const {
    const auto counters = queue.port->counters();
    Record record{
        {".id", queue.id},
        {"bytes", fmt::format("{}", counters.bytes)},
        {"dropped", fmt::format("{}", counters.dropped)},
        {"invalid", invalid(queue) ? "true" : "false"},
        // Packets of 1500 bytes: RouterOS smooths this figure like the rate.
        {"packet-rate", fmt::format("{}", counters.rate.bps / (8 * 1500))},
        {"packets", fmt::format("{}", counters.packets)},
        {"queued-bytes", fmt::format("{}", counters.queued_bytes)},
        {"queued-packets", fmt::format("{}", counters.queued_packets)},
        {"rate", fmt::format("{}", counters.rate.bps)},
    };
    for (const auto& [name, value] : queue.settings) record.emplace(name, value);
    record["queue"] = types_.name_of(queue.settings.at("queue"));
    if (record.at("comment").empty()) record.erase("comment");
    return record;
}

QueuePort* QueueTree::port_for(const std::string& name) {
    const auto port = ports_.find(name);
    if (port == ports_.end()) return &idle_;
    const bool taken = std::any_of(queues_.begin(), queues_.end(), [&port](const auto& queue) {
        return queue.port == port->second;
    });
    return taken ? &idle_ : port->second;
}

void QueueTree::apply(const Queue& queue) const {
    const bool shapes = queue.settings.at("disabled") != "true" && !invalid(queue);
    queue.port->set_limit(shapes ? rate_of(queue.settings, "max-limit") : Rate{},
                          Ratio{decimal_of(queue.settings.at("bucket-size"))});
}

void QueueTree::erase(std::size_t index) {
    queues_[index].port->set_limit(Rate{}, Ratio{});
    queues_.erase(queues_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace wanctl::sim
