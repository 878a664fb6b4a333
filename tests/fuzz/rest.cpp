// Whatever a router, or what stands in its place, answers: the readers of its replies end, take
// only what is whole, and what they say can stand in a log line.
//
// The first two bytes choose HTTP status and content type, the rest is the body.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "common/routeros/queue_tree.hpp"
#include "common/routeros/records.hpp"
#include "common/routeros/reply.hpp"
#include "common/routeros/system_resource.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace wanctl;
using namespace wanctl::routeros;
using wanctl::fuzz::require;

constexpr std::array kStatuses{200, 201, 204, 302, 400, 401, 403, 404, 406, 415, 500, 503};
constexpr std::array<std::string_view, 4> kTypes{"application/json", "text/html", "", "text/plain"};
// A message names place, cause and remedy, and quotes at most a few bounded words.
constexpr std::size_t kLongestMessage = 1000;

void loggable(const std::string& text) {
    require(text.size() < kLongestMessage, "a message is bounded");
    require(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }),
            "a message is printable");
}

void whole(const QueueReading& queue) {
    require(queue.id.size() > 0 && queue.id.front() == '*', "an id is one of RouterOS");
    require(queue.id.find_first_not_of("0123456789ABCDEFabcdef", 1) == std::string::npos,
            "an id can stand in a path");
    require(queue.max_limit > Rate{0}, "a limit is positive");
}

void records(std::string_view body) {
    const auto parsed = Records::parse(body);
    if (!parsed) return loggable(parsed.error().message);
    for (std::size_t i = 0; i < parsed->size(); ++i) {
        const auto name = parsed->get(i, "name");
        require(!name || name->size() <= body.size(), "a value is no longer than the reply");
    }
}

void queues(std::string_view body) {
    const QueueNames names{"a", "b"};
    const auto pair = find_queues(body, names);
    if (pair) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            whole((*pair)[i]);
            require((*pair)[i].name == names[i], "a queue is found by its own name");
        }
    } else {
        loggable(pair.error().message);
        require(pair.error().state > RouterState::ok, "a fault is no success");
    }
    const auto one = read_queue(body);
    if (one)
        whole(*one);
    else
        loggable(one.error().message);
}

void resource(std::string_view body) {
    const auto reading = read_resource(body);
    if (!reading) return loggable(reading.error().message);
    const int percent = reading->cpu_percent.value_or(0);
    require(percent >= 0 && percent <= 100, "a load is a percentage");
}

void reply(int status, std::string_view type, std::string_view body) {
    Exchange exchange;
    exchange.status = status;
    exchange.content_type = type;
    exchange.body = body;
    const Reply verdict = classify(exchange, "https://192.0.2.1 (user wanctl)");
    const bool good = verdict.state == RouterState::ok;
    require(!good || (status >= 200 && status <= 299), "only a good status is a success");
    require(good || verdict.body.empty(), "a failure hands on no body");
    loggable(verdict.detail);
    if (!good) loggable(verdict.error.message);
    static_cast<void>(is_unknown_id(verdict));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
    records(body);
    queues(body);
    resource(body);
    reply(kStatuses[data[0] % kStatuses.size()], kTypes[data[1] % kTypes.size()], body);
    return 0;
}
