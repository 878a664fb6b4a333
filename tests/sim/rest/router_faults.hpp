// The faults a test can lay over the router's own behaviour. Plain state: the request desk and the
// server obey it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/units.hpp"

namespace wanctl::sim {

// A fixed service time instead of the drawn one.
struct SlowFault {
    Nanos service_time{0};
    std::string user;             // empty = everybody
    std::uint64_t remaining = 0;  // requests it still hits; 0 = until it is cleared
};

enum class Spoil {
    truncated,  // half of the body, which the length agrees with
    oversized,  // megabytes of it
    types,      // numbers, lists and null where strings belong
    nested,     // brackets without end
    empty,      // no body at all
    other,      // JSON, but not what was asked for
    cut,        // the connection breaks in the middle of the body
};

// The command is run, its reply is spoiled.
struct SpoilFault {
    Spoil how = Spoil::truncated;
    std::uint64_t remaining = 0;  // replies it still hits; 0 = until it is cleared
    std::string user;             // empty = everybody
    std::string method;           // empty = every method
};

// An answer that has nothing to do with the request.
struct StatusFault {
    int status = 500;
    bool html = false;            // a page instead of the error object
    bool apply = false;           // the command takes effect all the same
    std::uint64_t remaining = 0;  // requests it still hits; 0 = until it is cleared
    std::string user;             // empty = everybody
    std::string method;           // empty = every method
    std::string detail;           // the error object's text
};

struct RouterFaults {
    std::optional<SlowFault> slow;
    std::optional<StatusFault> status;
    std::optional<SpoilFault> spoil;
};

// What happens on the way to the router.
enum class Reach {
    open,
    refuse,  // nothing listens: connections are refused, those that stood are reset
    reset,   // every connection is accepted and reset
    drop,    // nothing arrives any more and nobody is told; what waited goes on when the way opens
             // again
};

}  // namespace wanctl::sim
