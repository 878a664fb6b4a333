// How often a daemon's alerts were told, and what became of the messages, since its start.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/alert/engine.hpp"
#include "common/alert/outbox.hpp"

namespace wanctl::alert {

struct AlertFigures {
    struct Sink {
        std::string name;
        std::array<std::uint64_t, kDeliveries> ended{};  // [Delivery]
    };

    // Of a sink that is not known yet all are 0.
    Sink& sink(std::string_view name) {
        for (Sink& each : sinks)
            if (each.name == name) return each;
        return sinks.emplace_back(Sink{std::string(name), {}});
    }

    std::array<bool, kAlertTypes> watched{};                             // by a rule, now or before
    std::array<std::array<std::uint64_t, kPhases>, kAlertTypes> told{};  // [AlertType][Phase]
    std::vector<Sink> sinks;                                             // configured now or before
};

}  // namespace wanctl::alert
