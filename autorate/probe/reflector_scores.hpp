// Which reflectors are worth asking, by how many of their echoes they answered lately. Pure.
//
// A reflector that answers too little is demoted: asked now and then, until it answers again. The
// caller reports a loss only when others answered at the same time, so a dead line demotes nobody;
// and one reflector, the best, always stays.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/record/cycle_record.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

class ReflectorScores {
  public:
    static constexpr int kWindow = 50;        // results that count
    static constexpr int kFewest = 10;        // below that many nobody is judged
    static constexpr double kGood = 0.8;      // share of answers that is enough
    static constexpr int kRestoredAfter = 3;  // answers in a row
    static constexpr Nanos kProbeEvery = std::chrono::seconds(30);

    struct Change {
        std::uint8_t reflector = 0;
        bool demoted = false;
        double score = 1;  // when it changed
    };

    explicit ReflectorScores(std::uint8_t count);

    void answered(std::uint8_t reflector);
    void lost(std::uint8_t reflector);

    // Bit i: reflector i is asked in each of its turns.
    [[nodiscard]] std::uint16_t active() const { return active_; }
    // The demoted reflector to ask now: one every kProbeEvery, in turn.
    [[nodiscard]] std::optional<std::uint8_t> probe_due(SteadyTime now);
    // Each change once, the oldest first.
    [[nodiscard]] std::optional<Change> take_change();
    // 1 without results.
    [[nodiscard]] double score(std::uint8_t reflector) const;

  private:
    struct History {
        std::uint64_t results = 0;  // bit 0: the newest; 1: answered
        int count = 0;
        int in_a_row = 0;  // answers
    };

    void push(std::uint8_t reflector, bool answered);
    void demote(std::uint8_t reflector);
    void restore(std::uint8_t reflector);
    void tell(const Change& change);
    [[nodiscard]] std::optional<std::uint8_t> best_demoted() const;

    std::uint8_t count_;
    std::uint16_t active_;
    std::array<History, kMaxReflectors> history_{};
    std::optional<SteadyTime> last_probe_;
    std::uint8_t next_probe_ = 0;
    std::array<Change, std::size_t{2} * kMaxReflectors> changes_{};
    int waiting_changes_ = 0;
};

}  // namespace wanctl::probe
