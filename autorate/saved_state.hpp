// The law's state between two lives of the daemon: as a text for the state file, and as the ring's
// last record tells it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autorate/control/law_memory.hpp"
#include "common/alert/kept_alerts.hpp"
#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/error.hpp"
#include "common/log/log.hpp"
#include "common/state/boot.hpp"
#include "common/state/state_keeper.hpp"

namespace wanctl::autorate {

struct SavedState {
    LawMemory law;
    BootId boot{};
    SteadyTime steady{};        // when it was so; comparable within that boot only
    std::string alerts = "[]";  // of alert::kept_text(); written, not read
};

// Raised when the text's members change their meaning.
inline constexpr unsigned kSavedStateVersion = 1;

[[nodiscard]] std::string saved_state_text(std::string_view wan, const SavedState& state);
// Error invalid_input for what no daemon can have written, or one of another WAN.
[[nodiscard]] Result<SavedState> parse_saved_state(std::string_view wan, std::string_view text);

// What the ring under the WAN's name says last, if it is of this boot and of a user to be believed.
[[nodiscard]] std::optional<SavedState> last_record_state(const std::string& wan);

// The newer of the two; one of this boot before one of another. A load older than two seconds says
// nothing of the line any more: it begins at the baseline then.
[[nodiscard]] std::optional<LawMemory> state_to_start_from(const std::optional<SavedState>& file,
                                                           const std::optional<SavedState>& record,
                                                           const BootId& boot, SteadyTime now);

// What the daemon before left.
struct Before {
    std::optional<LawMemory> law;  // nothing: the law begins at its beginning
    std::vector<alert::KeptAlert> alerts;
};

// Reads the state file and the ring's last record, before the ring is made anew. What is damaged is
// set aside; everything of note goes to the log. Blocks: only for the start.
[[nodiscard]] Before load_state(const AutorateConfig& config, const Clock& clock, Log& log);

// What the keeper is to save now of the law and of the alerts.
[[nodiscard]] StateKeeper::State state_to_keep(std::string_view wan, const LawMemory& law,
                                               const StateKeeper::State& alerts,
                                               const Clock& clock);

}  // namespace wanctl::autorate
