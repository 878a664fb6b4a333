// A router reduced to the requests it was sent and the replies the test gives.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/routeros/reply.hpp"
#include "common/routeros/request_client.hpp"

namespace wanctl::test {

struct SentRequest {
    routeros::Method method = routeros::Method::get;
    std::string path;
    std::string body;
    bool may_connect = true;
};

class FakeClient final : public routeros::RequestClient {
  public:
    explicit FakeClient(Done done) : done_(std::move(done)) {}

    void set_password(const std::string&) override {}
    [[nodiscard]] bool idle() const override { return !busy_; }
    void start(const routeros::Request& request) override {
        busy_ = true;
        sent.push_back({request.method, std::string(request.path), std::string(request.body),
                        request.may_connect});
    }
    [[nodiscard]] const routeros::RestCounters& counters() const override { return counters_; }
    [[nodiscard]] const std::string& place() const override { return place_; }

    void watch_idle_connection(std::function<void()> ended) override {
        idle_ended = std::move(ended);
    }

    void answer(int status, const std::string& body) {
        end(routeros::classify({.fault = routeros::TransportFault::none,
                                .fault_text = {},
                                .status = status,
                                .content_type = "application/json",
                                .body = body},
                               place_));
    }
    void fail(routeros::TransportFault fault) {
        end(routeros::classify(
            {.fault = fault, .fault_text = {}, .status = 0, .content_type = {}, .body = {}},
            place_));
    }

    std::vector<SentRequest> sent;
    std::function<void()> idle_ended;

  private:
    void end(routeros::Reply reply) {
        busy_ = false;
        done_(std::move(reply));
    }

    Done done_;
    bool busy_ = false;
    routeros::RestCounters counters_;
    std::string place_ = "router (user test)";
};

}  // namespace wanctl::test
