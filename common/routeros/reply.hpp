// What became of one REST request: the router's answer, or which of the known ways it failed.
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::routeros {

enum class TransportFault {
    none,           // a whole HTTP reply arrived
    name_lookup,    // the host name of the url has no address
    no_connection,  // refused, no route, or no connection within the connect timeout
    broken,         // the connection ended before the reply did
    timed_out,      // sent, but not answered within the request timeout
    untrusted,      // the certificate or the pinned key does not fit
    bad_ca_file,    // the CA file cannot be read
    oversized,      // the reply is longer than any this client asks for
    not_http,       // what answers does not speak HTTP
    stale,          // the connection the request was meant for has ended
};

// One exchange as the transport saw it. The views are only read during classify().
struct Exchange {
    TransportFault fault = TransportFault::none;
    std::string_view fault_text;  // the transport's words, may be empty
    int status = 0;
    std::string_view content_type;
    std::string_view body;
};

struct Reply {
    RouterState state = RouterState::unknown;  // ok: `body` is what the router answered
    int status = 0;                            // HTTP status, 0 when none came
    Nanos latency{};                           // start of the request to the end of the reply
    bool reconnected = false;                  // a new connection was opened for it
    bool stale = false;  // the connection it was meant for has ended: what is known may be outdated
    bool abandoned = false;  // the router may still be working on it: pause before the next
    std::string body;
    std::string detail;  // the router's own words in an error reply, printable and bounded
    Error error;         // unless ok; names place, cause and remedy
};

// `place` begins every message: url and user. A RouterOS user that lacks a policy is `forbidden`
// whatever the status; `failing` is any other error status.
[[nodiscard]] Reply classify(const Exchange& exchange, std::string_view place);

// The router does not know the id a write was addressed to (or hides it for want of a policy).
[[nodiscard]] bool is_unknown_id(const Reply& reply);

}  // namespace wanctl::routeros
