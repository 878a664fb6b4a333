// Expected failures as values: what went wrong, where, and what the operator can do about it.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace wanctl {

enum class ErrorKind {
    invalid_input,  // a file, packet or reply that cannot be used as it is
    not_found,      // a named thing does not exist (file, queue, segment)
    ambiguous,      // a name that must be unique is not
    permission,     // the system or the router said no
    unreachable,    // no connection, or it broke
    timeout,        // no answer within the stated time
    busy,           // held by another process
    unsupported,    // known, but not available in this version or on this system
    system,         // any other errno
};

struct Error {
    ErrorKind kind = ErrorKind::system;
    // Names the place and the remedy; never holds a secret.
    std::string message;
    // errno, HTTP status or curl code, as `kind` and the maker say; 0 when there is none.
    int code = 0;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, int code = 0) {
    return tl::unexpected<Error>(Error{kind, std::move(message), code});
}

}  // namespace wanctl
