// What the parts of a daemon return that are made at its start: the part, or why the process ends.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "common/error.hpp"
#include "common/exit_code.hpp"

namespace wanctl {

// A start that cannot be: what to say and what to exit with.
struct StartFailure {
    std::string message;
    int exit_code = exit_code::kInternal;
};

template <typename T>
using Started = tl::expected<T, StartFailure>;

// Why a segment could not be made. A group that does not exist is a mistake in the file; a name in
// somebody else's hands is not.
inline StartFailure segment_failure(const Error& error) {
    switch (error.kind) {
        case ErrorKind::busy:
        case ErrorKind::permission:
            return {error.message, exit_code::kBusy};
        case ErrorKind::invalid_input:
        case ErrorKind::not_found:
            return {error.message, exit_code::kConfiguration};
        default:
            return {error.message, exit_code::kInternal};
    }
}

}  // namespace wanctl
