// A message in the form that a kind of receiver takes: one HTTP POST.
#pragma once

#include <string>
#include <vector>

#include "common/alert/message.hpp"

namespace wanctl::alert {

struct Post {
    std::string body;
    std::vector<std::string> headers;  // "Name: value", ASCII
};

// Not for SinkKind::log.
[[nodiscard]] Post post_of(const Message& message, SinkKind kind);

// "2026-11-21T16:08:55.123Z"
[[nodiscard]] std::string utc_text(WallTime at);

}  // namespace wanctl::alert
