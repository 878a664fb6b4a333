#include "tests/sim/rest/rest_message.hpp"

#include <string_view>

#include <fmt/format.h>

#include "tests/sim/rest/json_text.hpp"

namespace wanctl::sim {
namespace {

std::string_view message_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 406:
            return "Not Acceptable";
        case 415:
            return "Unsupported Media Type";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        default:
            return "Error";
    }
}

}  // namespace

RestReply error_reply(int status, const std::string& detail) {
    const auto first = detail.empty() ? "" : fmt::format("\"detail\":{},", quoted(detail));
    RestReply reply{.status = status};
    reply.body =
        fmt::format("{{{}\"error\":{},\"message\":\"{}\"}}", first, status, message_of(status));
    if (status == 401) reply.headers.emplace_back("WWW-Authenticate", "Basic");
    return reply;
}

RestReply html_reply(int status) {
    RestReply reply{.status = status, .content_type = "text/html"};
    reply.body = fmt::format(
        "<!DOCTYPE html>\n<html><head><title>{0} {1}</title></head>"
        "<body><h1>{0} {1}</h1></body></html>\n",
        status, message_of(status));
    return reply;
}

}  // namespace wanctl::sim
