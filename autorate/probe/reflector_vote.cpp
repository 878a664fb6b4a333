#include "autorate/probe/reflector_vote.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "autorate/probe/median.hpp"

namespace wanctl::probe {

namespace {

constexpr std::uint64_t kWindowMask = (std::uint64_t{1} << ReflectorVote::kWindow) - 1;
constexpr std::size_t kEnoughToCompare = 3;
// Each answer moves what is usual by this share: about a minute at 20 answers a second.
constexpr double kFollow = 0.001;
// What answers of honest reflectors may differ by, beside half of their usual round trip and half
// of the change all see.
constexpr double kToleranceNs = 5e6;

bool in(std::uint16_t set, std::size_t reflector) {
    return (set >> reflector & 1U) != 0;
}

}  // namespace

std::string_view description(Lie lie) {
    switch (lie) {
        case Lie::too_fast:
            return "answers faster than the line allows by the others' answers";
        case Lie::too_slow:
            return "answers later than the others by more than their lines explain";
        case Lie::duplicates:
            return "answers echoes more than once";
        case Lie::answers_for_others:
            return "answers echoes that were sent to others";
    }
    return "";
}

void ReflectorVote::answered_for_another(std::uint8_t reflector) {
    witness_[reflector].impostor = true;
}

void ReflectorVote::duplicated(std::uint8_t reflector) {
    witness_[reflector].duplicate = true;
}

void ReflectorVote::judge(std::uint8_t reflector, Lie lie, bool bad) {
    Witness& witness = witness_[reflector];
    const auto index = static_cast<std::size_t>(lie);
    std::uint64_t& history = witness.bad[index];
    history = (history << 1 | (bad ? 1U : 0U)) & kWindowMask;
    const int bads = std::popcount(history);
    const auto flag = static_cast<std::uint8_t>(1U << index);
    if (bads >= kLiarAt) {
        witness.lies = static_cast<std::uint8_t>(witness.lies | flag);
    } else if (bads <= kHonestAt) {
        witness.lies = static_cast<std::uint8_t>(witness.lies & ~flag);
    }
    const auto own = static_cast<std::uint16_t>(1U << reflector);
    liars_ = static_cast<std::uint16_t>(witness.lies != 0 ? liars_ | own : liars_ & ~own);
}

void ReflectorVote::compare(const Answers& answers) {
    const auto now_in_time = static_cast<std::uint16_t>(answers.now & ~answers.late);
    const auto in_time = static_cast<std::uint16_t>(answers.lately & ~answers.late);
    std::array<double, kMaxReflectors> changes{};
    std::size_t n = 0;
    for (std::size_t i = 0; i < witness_.size(); ++i) {
        Witness& witness = witness_[i];
        if (in(now_in_time, i)) {
            const auto now = static_cast<double>(answers.rtt[i].count());
            if (!witness.usual_ns) witness.usual_ns = now;
            witness.change_ns = now - *witness.usual_ns;
            *witness.usual_ns += kFollow * witness.change_ns;
        }
        if (in(in_time, i)) changes[n++] = witness.change_ns;
    }
    if (n < kEnoughToCompare) return;
    const double common = median(changes, n);
    for (std::size_t i = 0; i < witness_.size(); ++i) {
        if (!in(now_in_time, i)) continue;
        const auto reflector = static_cast<std::uint8_t>(i);
        const Witness& witness = witness_[i];
        const double tolerance =
            std::max({kToleranceNs, *witness.usual_ns / 2, std::abs(common) / 2});
        judge(reflector, Lie::too_fast, witness.change_ns < common - tolerance);
        judge(reflector, Lie::too_slow, witness.change_ns > common + tolerance);
    }
}

std::optional<Nanos> ReflectorVote::decide(const Answers& answers) {
    compare(answers);
    for (std::size_t i = 0; i < witness_.size(); ++i) {
        Witness& witness = witness_[i];
        if (!in(answers.now, i) && !witness.impostor) continue;
        const auto reflector = static_cast<std::uint8_t>(i);
        judge(reflector, Lie::duplicates, witness.duplicate);
        judge(reflector, Lie::answers_for_others, witness.impostor);
        witness.duplicate = witness.impostor = false;
    }
    // Two who agree are worth more than one: with fewer honest ones nobody knows who lies.
    const auto honest = static_cast<std::uint16_t>(answers.lately & ~liars_);
    const bool sure = std::popcount(answers.lately) >= static_cast<int>(kEnoughToCompare) &&
                      std::popcount(honest) >= 2;
    const auto heard = static_cast<std::uint16_t>(sure ? answers.now & honest : answers.now);
    std::array<Nanos, kMaxReflectors> values{};
    std::size_t n = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (in(heard, i)) values[n++] = answers.rtt[i];
    }
    if (n == 0) return std::nullopt;
    return median(values, n);
}

std::optional<ReflectorVote::Accusation> ReflectorVote::take_accusation() {
    if (liars_ == 0) return std::nullopt;
    for (std::size_t i = 0; i < witness_.size(); ++i) {
        const auto news = static_cast<unsigned>(witness_[i].lies & ~witness_[i].told);
        if (news == 0) continue;
        const auto lie = std::countr_zero(news);
        witness_[i].told = static_cast<std::uint8_t>(witness_[i].told | 1U << lie);
        return Accusation{static_cast<std::uint8_t>(i), static_cast<Lie>(lie)};
    }
    return std::nullopt;
}

}  // namespace wanctl::probe
