// The law's state between two lives of the daemon: as a text for the state file, and as the ring's
// last record tells it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autorate/control/law_memory.hpp"
#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl::autorate {

using BootId = std::array<std::uint8_t, 16>;

struct SavedState {
    LawMemory law;
    BootId boot{};        // all zero: unknown
    SteadyTime steady{};  // when it was so; comparable within that boot only
};

// Raised when the text's members change their meaning.
inline constexpr unsigned kSavedStateVersion = 1;

[[nodiscard]] std::string saved_state_text(std::string_view wan, const SavedState& state);
// Error invalid_input for what no daemon can have written, or one of another WAN.
[[nodiscard]] Result<SavedState> parse_saved_state(std::string_view wan, std::string_view text);

// What the ring under the WAN's name says last, if it is of this boot and of a user to be believed.
[[nodiscard]] std::optional<SavedState> last_record_state(const std::string& wan);

// `<dir>/<wan>.state`
[[nodiscard]] std::string state_path(const StateConfig& config, std::string_view wan);

// The newer of the two; one of this boot before one of another. A load older than two seconds says
// nothing of the line any more: it begins at the baseline then.
[[nodiscard]] std::optional<LawMemory> state_to_start_from(const std::optional<SavedState>& file,
                                                           const std::optional<SavedState>& record,
                                                           const BootId& boot, SteadyTime now);

}  // namespace wanctl::autorate
