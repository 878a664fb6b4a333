// The part of RouterOS's /ip/firewall/mangle that wanctl uses: one rule, found by its comment, on
// or off. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/record/states.hpp"
#include "common/record/steering_states.hpp"

namespace wanctl::routeros {

struct MangleReading {
    std::string id;
    std::string comment;
    RuleState state = RuleState::unknown;  // never unknown in a reading
};

// Why the one rule could not be read.
struct MangleFault {
    RuleStatus status = RuleStatus::unread;  // missing or ambiguous; unread: the reply is no list
    std::string message;
};

// GET: every rule, only the fields of MangleReading. A filter on the comment would be the router's
// comparison of an encoded text; here it is ours, and it sees duplicates.
[[nodiscard]] std::string mangle_list_path();
[[nodiscard]] std::string mangle_patch_path(std::string_view id);
[[nodiscard]] std::string mangle_patch_body(RuleState state);

// The rule with exactly this comment out of a list reply.
[[nodiscard]] tl::expected<MangleReading, MangleFault> find_mangle(std::string_view body,
                                                                   std::string_view comment);

// The one record of a PATCH reply.
[[nodiscard]] Result<MangleReading> read_mangle(std::string_view body);

}  // namespace wanctl::routeros
