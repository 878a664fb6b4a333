#include "common/routeros/reply.hpp"

#include <fmt/format.h>

#include "common/routeros/records.hpp"

namespace wanctl::routeros {
namespace {

struct Verdict {
    RouterState state;
    ErrorKind kind;
    std::string text;
};

Verdict transport_verdict(const Exchange& exchange) {
    const std::string why = exchange.fault_text.empty()
                                ? std::string()
                                : fmt::format(" ({})", printable(exchange.fault_text));
    switch (exchange.fault) {
        case TransportFault::name_lookup:
            return {
                RouterState::unreachable, ErrorKind::unreachable,
                "the host name has no address" + why + "; give the router's address in router.url"};
        case TransportFault::no_connection:
            return {
                RouterState::unreachable, ErrorKind::unreachable,
                "no connection" + why +
                    "; is the router up, and its www-ssl or www service enabled for this host?"};
        case TransportFault::broken:
            return {RouterState::unreachable, ErrorKind::unreachable, "the connection broke" + why};
        case TransportFault::timed_out:
            return {RouterState::unreachable, ErrorKind::timeout,
                    "no answer within router.request_timeout_s" + why};
        case TransportFault::untrusted:
            return {RouterState::untrusted, ErrorKind::permission,
                    "the router's certificate is not trusted" + why +
                        "; set router.ca_file or router.pinned_public_key"};
        case TransportFault::bad_ca_file:
            return {RouterState::untrusted, ErrorKind::invalid_input,
                    "router.ca_file cannot be used" + why + "; it must be a readable PEM file"};
        case TransportFault::oversized:
            return {RouterState::bad_reply, ErrorKind::invalid_input,
                    "the reply is too long to be one of RouterOS" + why};
        case TransportFault::stale:
            return {RouterState::unreachable, ErrorKind::unreachable, "the connection has ended"};
        case TransportFault::not_http:
        case TransportFault::none:
            break;
    }
    return {RouterState::bad_reply, ErrorKind::invalid_input,
            "what answers there does not speak HTTP" + why + "; check router.url"};
}

bool looks_like_html(const Exchange& exchange) {
    if (exchange.content_type.find("html") != std::string_view::npos) return true;
    const std::size_t first = exchange.body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && exchange.body[first] == '<';
}

bool lacks_policy(std::string_view detail) {
    return detail.find("not enough permissions") != std::string_view::npos ||
           detail.find("not allowed") != std::string_view::npos;
}

Verdict status_verdict(const Exchange& exchange, const std::string& detail) {
    const std::string words = detail.empty() ? std::string() : ": " + detail;
    switch (exchange.status) {
        case 401:
            return {RouterState::unauthorized, ErrorKind::permission,
                    "the router refuses the login (401)" + words +
                        "; check user and password, the group's policy rest-api, and the user's "
                        "allowed addresses"};
        case 403:
            return {RouterState::forbidden, ErrorKind::permission,
                    "the router forbids REST here (403)" + words +
                        "; enable it in /ip/service/webserver"};
        case 404:
            return {RouterState::failing, ErrorKind::not_found,
                    "the router does not know what was asked for (404)" + words};
        case 415:
            return {RouterState::failing, ErrorKind::unsupported,
                    "the router refuses the content type (415)" + words +
                        "; is there a proxy in between?"};
        default:
            break;
    }
    if (lacks_policy(detail))
        return {RouterState::forbidden, ErrorKind::permission,
                fmt::format("the user lacks a policy ({}){}; its group needs api, rest-api, read "
                            "and write",
                            exchange.status, words)};
    if (exchange.status == 500)
        return {RouterState::failing, ErrorKind::system,
                "the router failed on the request (500)" + words};
    if (looks_like_html(exchange) && detail.empty())
        return {RouterState::bad_reply, ErrorKind::invalid_input,
                fmt::format("a web page with status {} instead of REST; check router.url",
                            exchange.status)};
    return {RouterState::failing, ErrorKind::system,
            fmt::format("the router refuses the request ({}){}", exchange.status, words)};
}

}  // namespace

Reply classify(const Exchange& exchange, std::string_view place) {
    Reply reply;
    reply.status = exchange.status;
    const auto fill = [&](Verdict verdict) {
        reply.state = verdict.state;
        reply.error =
            Error{verdict.kind, fmt::format("{}: {}", place, verdict.text), exchange.status};
    };
    if (exchange.fault != TransportFault::none) {
        reply.abandoned = exchange.fault == TransportFault::timed_out ||
                          exchange.fault == TransportFault::oversized;
        reply.stale = exchange.fault == TransportFault::stale;
        fill(transport_verdict(exchange));
    } else if (exchange.status < 200 || exchange.status > 299) {
        reply.detail = error_detail(exchange.body);
        fill(status_verdict(exchange, reply.detail));
    } else if (looks_like_html(exchange)) {
        fill({RouterState::bad_reply, ErrorKind::invalid_input,
              "a web page instead of JSON; is this the address of a RouterOS 7 router?"});
    } else {
        reply.state = RouterState::ok;
        reply.body = exchange.body;
    }
    return reply;
}

bool is_unknown_id(const Reply& reply) {
    return reply.status == 404 ||
           (reply.status == 400 &&
            reply.detail.find("missing or invalid resource identifier") != std::string::npos);
}

}  // namespace wanctl::routeros
