// One connection of the HTTP interface: reads a request, has it answered, writes the answer, and so
// on until its reader leaves, idles, is too slow or says something that is no HTTP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/fd.hpp"
#include "common/http/request.hpp"
#include "common/units.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl::http {

class Pace;

// What one reader may cost.
struct Limits {
    std::uint32_t header = 8192;          // bytes of a request
    std::size_t fields = 64;              // in it
    std::size_t connections = 64;         // at once
    std::size_t piece = 65536;            // bytes of an answer, handed to the kernel in one go
    Nanos idle{std::chrono::seconds(5)};  // for a whole request, and for an answer
    Nanos piece_time{std::chrono::seconds(1)};  // more for each further piece of an answer
};

struct Counters {
    std::uint64_t answers[6] = {};  // by the first digit of their status
    std::uint64_t refused = 0;      // connections beyond Limits::connections
    std::uint64_t timed_out = 0;    // connections that idled or read too slowly
    std::size_t open = 0;           // connections now
};

// What the connections of a server share. They outlive it for a moment: then `respond` is empty.
struct Shared {
    Responder respond;
    std::shared_ptr<Pace> pace;  // nullptr: every page is made at once
    std::string token;           // empty: none is asked for
    Limits limits;
    Counters counters;
};

class Session {
  public:
    virtual ~Session() = default;
    // Ends it without a word.
    virtual void close() = 0;
};

// Takes a connected stream socket of any family. The session lives as long as its connection.
std::shared_ptr<Session> start_session(boost::asio::io_context& loop, Fd connection,
                                       std::shared_ptr<Shared> shared);

}  // namespace wanctl::http
