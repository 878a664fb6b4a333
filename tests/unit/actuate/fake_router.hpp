// A router reduced to two queues and the requests wanctl makes, on the scripted server: the test
// can put it into any state between two requests.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/unit/routeros/scripted_server.hpp"

namespace wanctl::test {

struct FakeRouter {
    struct Queue {
        std::string id;
        std::string name;
        std::int64_t limit = 0;
        std::uint64_t bytes = 0;
        bool disabled = false;
    };

    explicit FakeRouter(boost::asio::io_context& loop) : server(loop) {
        server.answer_with([this](const std::string& request) { return answer(request); });
    }
    FakeRouter(const FakeRouter&) = delete;
    FakeRouter& operator=(const FakeRouter&) = delete;

    [[nodiscard]] static std::string record(const Queue& queue) {
        return fmt::format(
            R"({{".id":"{}","bytes":"{}","disabled":"{}","invalid":"false","max-limit":"{}",)"
            R"("name":"{}","packets":"0"}})",
            queue.id, queue.bytes, queue.disabled, queue.limit, queue.name);
    }
    [[nodiscard]] std::string list() const {
        return fmt::format("[{},{}]", record(queues[0]), record(queues[1]));
    }

    std::string answer(const std::string& request) {
        if (request.rfind("GET /rest/system/resource", 0) == 0) {
            ++resource_reads;
            return http_reply(200, resource);
        }
        if (request.rfind("GET ", 0) == 0) {
            ++lookups;
            return http_reply(200, list());
        }
        if (request.rfind("POST ", 0) == 0) {
            ++polls;
            return http_reply(200, query_works ? list() : "[]");
        }
        ++patches;
        if (patch_status != 200)
            return http_reply(patch_status, fmt::format(R"({{"detail":"{}","error":{}}})",
                                                        patch_detail, patch_status));
        for (Queue& queue : queues) {
            if (request.find(fmt::format("/{} ", queue.id)) == std::string::npos) continue;
            const std::size_t at = request.find("max-limit\":\"") + 12;
            queue.limit = std::stoll(request.substr(at)) / grain * grain;
            return http_reply(200, garbled ? "{\"x\"" : record(queue));
        }
        return http_reply(404, R"({"error":404,"message":"Not Found"})");
    }

    std::array<Queue, 2> queues{Queue{"*1000000", "WAN-Download", 800'000'000},
                                Queue{"*1000001", "WAN-Upload", 30'000'000}};
    int lookups = 0;
    int polls = 0;
    int patches = 0;
    int resource_reads = 0;
    std::string resource = R"({"cpu-load":"7","write-sect-since-reboot":"1234"})";
    int patch_status = 200;
    std::string patch_detail;
    std::int64_t grain = 1;  // what limits are rounded down to
    bool garbled = false;    // writes are done, but answered with rubbish
    bool query_works = true;
    ScriptedServer server;
};

}  // namespace wanctl::test
