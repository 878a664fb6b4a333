#include "common/alert/engine.hpp"

#include <algorithm>
#include <utility>

namespace wanctl::alert {

Engine::Engine(std::vector<AlertRule> rules) : rules_(std::move(rules)), states_(rules_.size()) {
    events_.reserve(rules_.size());
}

std::span<const Event> Engine::step(SteadyTime now, const Conditions& conditions) {
    events_.clear();
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        switch (conditions[rules_[i].type]) {
            case Condition::holds:
                holds(now, i);
                break;
            case Condition::clear:
                clear(now, i);
                break;
            case Condition::unknown:
                break;
        }
    }
    return events_;
}

void Engine::holds(SteadyTime now, std::size_t rule) {
    State& state = states_[rule];
    state.gone.reset();
    if (!state.since) state.since = now;
    if (state.raised || now - *state.since < rules_[rule].sustain) return;
    if (state.last && now - *state.last < rules_[rule].cooldown) {
        state.unheeded = true;
        return;
    }
    state.raised = true;
    state.last = now;
    state.unheeded = false;
    events_.push_back(
        {rule, Phase::raised, now - *state.since, std::exchange(state.unheeded_times, 0)});
}

void Engine::clear(SteadyTime now, std::size_t rule) {
    State& state = states_[rule];
    if (std::exchange(state.unheeded, false)) ++state.unheeded_times;
    if (!state.raised) {
        state.since.reset();
        return;
    }
    if (!state.gone) state.gone = now;
    if (now - *state.gone < std::min(rules_[rule].sustain, kGone)) return;
    events_.push_back({rule, Phase::recovered, *state.gone - *state.since, 0});
    state.raised = false;
    state.since.reset();
    state.gone.reset();
}

std::vector<AlertRule> Engine::reconfigure(std::vector<AlertRule> rules) {
    std::vector<State> states(rules.size());
    std::vector<bool> taken(rules_.size(), false);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        for (std::size_t old = 0; old < rules_.size(); ++old) {
            if (taken[old] || rules_[old].type != rules[i].type) continue;
            taken[old] = true;
            states[i] = states_[old];
            break;
        }
    }
    std::vector<AlertRule> orphans;
    for (std::size_t old = 0; old < rules_.size(); ++old) {
        if (!taken[old] && states_[old].raised) orphans.push_back(rules_[old]);
    }
    rules_ = std::move(rules);
    states_ = std::move(states);
    events_.clear();
    events_.reserve(rules_.size());
    return orphans;
}

std::size_t Engine::place(std::size_t rule) const {
    const auto begin = rules_.begin();
    return static_cast<std::size_t>(
        std::count_if(begin, begin + static_cast<std::ptrdiff_t>(rule),
                      [&](const AlertRule& each) { return each.type == rules_[rule].type; }));
}

std::vector<KeptAlert> Engine::kept() const {
    std::vector<KeptAlert> out;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const State& state = states_[i];
        if (!state.last) continue;
        KeptAlert& each = out.emplace_back();
        each.type = rules_[i].type;
        each.place = place(i);
        each.raised = state.raised;
        each.since = state.raised && state.since ? *state.since : *state.last;
        each.last = *state.last;
        if (!state.raised) continue;
        each.severity = rules_[i].severity;
        each.sinks = rules_[i].sinks;
    }
    return out;
}

std::vector<AlertRule> Engine::restore(std::span<const KeptAlert> kept) {
    std::vector<AlertRule> orphans;
    for (const KeptAlert& each : kept) {
        std::size_t rule = 0;
        while (rule < rules_.size() &&
               (rules_[rule].type != each.type || place(rule) != each.place))
            ++rule;
        if (rule < rules_.size()) {
            State& state = states_[rule];
            state.raised = each.raised;
            if (each.raised) state.since = each.since;
            state.last = each.last;
        } else if (each.raised) {
            AlertRule& orphan = orphans.emplace_back();
            orphan.type = each.type;
            orphan.severity = each.severity;
            orphan.sinks = each.sinks;
        }
    }
    return orphans;
}

}  // namespace wanctl::alert
