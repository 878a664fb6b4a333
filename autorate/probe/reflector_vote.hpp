// One round trip out of several reflectors' answers, and who of them tells something else. Pure.
//
// The median outvotes a minority whatever it says. With three or more answers each one is also
// compared with the others, as a change against its own usual round trip (a far reflector is no
// liar): who is off for half of the last kWindow comparisons is a liar, left out of the median
// until it has agreed for almost all of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/record/cycle_record.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

enum class Lie : std::uint8_t { too_fast, too_slow, duplicates, answers_for_others };
inline constexpr std::size_t kLies = 4;
// Completes "<reflector> ...".
[[nodiscard]] std::string_view description(Lie lie);

class ReflectorVote {
  public:
    static constexpr int kWindow = 50;   // comparisons
    static constexpr int kLiarAt = 25;   // of them bad
    static constexpr int kHonestAt = 5;  // at most so many bad

    struct Accusation {
        std::uint8_t reflector = 0;
        Lie lie = Lie::too_fast;
    };

    // The reflector answered an echo that was sent to another one.
    void answered_for_another(std::uint8_t reflector);
    // A second reply came from it to the same echo.
    void duplicated(std::uint8_t reflector);

    // Who answered in a slot, and who in the last turn, both as bits: where reflectors take turns
    // the answers of one slot are too few to compare. `rtt` is the newest of each. Who answered
    // after the timeout has a voice in the median, but is not compared: that is not its usual.
    struct Answers {
        std::uint16_t now = 0;
        std::uint16_t lately = 0;  // `now` included
        std::uint16_t late = 0;    // of these, those after the timeout
        std::array<Nanos, kMaxReflectors> rtt{};
    };
    // The round trip of a slot in which somebody answered; nothing when only liars did.
    [[nodiscard]] std::optional<Nanos> decide(const Answers& answers);

    // Bit i: reflector i is a liar now.
    [[nodiscard]] std::uint16_t liars() const { return liars_; }
    // Each reflector and kind of lie once.
    [[nodiscard]] std::optional<Accusation> take_accusation();

  private:
    struct Witness {
        std::array<std::uint64_t, kLies> bad{};  // bit 0: the newest comparison
        std::uint8_t lies = 0;                   // bit [Lie]: now
        std::uint8_t told = 0;
        std::optional<double> usual_ns;  // slow average of its round trip
        double change_ns = 0;            // of its newest answer against that
        bool duplicate = false;          // since its last comparison
        bool impostor = false;
    };

    void compare(const Answers& answers);
    void judge(std::uint8_t reflector, Lie lie, bool bad);

    std::array<Witness, kMaxReflectors> witness_{};
    std::uint16_t liars_ = 0;
};

}  // namespace wanctl::probe
