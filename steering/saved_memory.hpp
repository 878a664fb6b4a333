// What steering knows between two lives of the daemon: as a text for the state file, and joined
// with what the last record of its ring tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/alert/kept_alerts.hpp"
#include "common/clock.hpp"
#include "common/config/steering_config.hpp"
#include "common/error.hpp"
#include "common/log/log.hpp"
#include "common/state/boot.hpp"
#include "common/state/state_keeper.hpp"
#include "steering/decide/steering_memory.hpp"
#include "steering/predecessor.hpp"

namespace wanctl::steering {

// One moment by both clocks: the steady one says nothing in another boot, the wall one may be set.
struct Moment {
    BootId boot{};
    SteadyTime steady{};
    WallTime wall{};
};

struct SavedMemory {
    SteeringMemory memory;      // its moments are of that boot's steady clock
    Moment at;                  // when it was so
    std::string alerts = "[]";  // of alert::kept_text(); written, not read
};

// Raised when the text's members change their meaning.
inline constexpr unsigned kSavedMemoryVersion = 1;

// `whose`: the lines, the rule, and whether the router is written to, stand in the text as well.
[[nodiscard]] std::string saved_memory_text(const SteeringConfig& whose, const SavedMemory& saved);
// Error invalid_input for what no daemon can have written. Nothing for what is of other lines, of
// another rule, or of the other kind of [decide] dry_run.
[[nodiscard]] Result<std::optional<SavedMemory>> parse_saved_memory(const SteeringConfig& whose,
                                                                    std::string_view text);

// By the clocks of now. In another boot ages go by the wall clock: none is below zero, that of the
// state at most the hold-down, and no penalty is longer than the configuration's.
[[nodiscard]] SteeringMemory brought_to(const SavedMemory& saved, const Moment& now,
                                        const SteeringConfig& config);

// The record is of this boot and newer than any file; of the toggles it knows only the last.
[[nodiscard]] SteeringMemory joined(const std::optional<SteeringMemory>& file,
                                    const Predecessor& record);

// What the daemon before left.
struct Before {
    std::optional<SteeringMemory> memory;  // nothing: there was none for these lines and this rule
    std::vector<alert::KeptAlert> alerts;  // of any
};

// Reads the state file; `record` is what the ring told before it was made anew. What is damaged is
// set aside; everything of note goes to the log. Blocks: only for the start.
[[nodiscard]] Before load_memory(const SteeringConfig& config,
                                 const std::optional<Predecessor>& record, const Clock& clock,
                                 Log& log);

// What the keeper is to save now.
[[nodiscard]] StateKeeper::State memory_to_keep(const SteeringConfig& whose,
                                                const SteeringMemory& memory,
                                                const StateKeeper::State& alerts,
                                                const Clock& clock);

}  // namespace wanctl::steering
