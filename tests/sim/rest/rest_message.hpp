// A REST request as the router's web server hands it on, and the reply.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wanctl::sim {

struct RestRequest {
    std::string method;
    std::string target;  // as received, nothing decoded
    std::string content_type;
    std::string authorization;  // the header's value; never logged
    std::string body;
    std::string origin;  // scheme and host the client addressed: "https://127.0.0.1:8443"
    std::string client;  // the client's address without port
};

struct RestReply {
    int status = 200;
    std::string content_type = "application/json";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    bool cut = false;  // the connection breaks in the middle of the body
};

// A router user: the policies of its group.
struct User {
    std::string name;
    std::string password;
    std::set<std::string> policies;

    [[nodiscard]] bool may(const std::string& policy) const { return policies.contains(policy); }
};

// `{"detail":...,"error":400,"message":"Bad Request"}`; an empty detail is left out.
[[nodiscard]] RestReply error_reply(int status, const std::string& detail = {});
[[nodiscard]] RestReply html_reply(int status);

}  // namespace wanctl::sim
