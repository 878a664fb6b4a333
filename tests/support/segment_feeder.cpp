// A writer of segments for tests of readers: publishes a made-up WAN at a steady pace, and obeys
// lines on standard input.
//
//   segment-feeder NAME [HZ [STALE_MS]]      20 Hz, stale after 10 s
//   rtt US          every reflector's round trip, 0 = nothing arrives
//   zone DL UL      numbers of zones
//   wanted DL UL    bit/s; the router holds the same
//   dark STATE      number of the state of measurement
//   router STATE    number of the router's state
//   wave            an RTT and a download zone that go up and down by themselves
//   damage          the next records are not believable
//   hold            no more records, but a heartbeat
//   stop            says goodbye and ends
// Answers each line with "ok" once records tell of it. At the end of its input it dies without a
// word.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/states.hpp"
#include "shm/segment_writer.hpp"

namespace {

using namespace wanctl;
using Writer = shm::SegmentWriter<CycleRecord>;

struct Line {
    CycleRecord record;
    std::int32_t rtt_us = 21'500;
    bool wave = false;
    bool held = false;
};

CycleRecord first_record(double hz) {
    CycleRecord record;
    record.interval_ns = static_cast<std::uint32_t>(1e9 / hz);
    record.reflectors = 3;
    record.reflector_active = 0b011;
    record.baseline_ns = 20'000'000;
    record.direction[0].wanted_bps = record.direction[0].held_bps = 36'000'000;
    record.direction[1].wanted_bps = record.direction[1].held_bps = 9'000'000;
    record.direction[0].achieved_bps = 33'300'000;
    record.direction[0].transition_reason =
        static_cast<std::uint8_t>(TransitionReason::exceeded_soft_red);
    record.direction[0].transition_delta_ns = 50'300'000;
    record.direction[0].transition_threshold_ns = 45'000'000;
    record.router_state = static_cast<std::uint8_t>(RouterState::ok);
    record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)] = 188'000;
    return record;
}

void take_turn(Line& line, double seconds) {
    if (line.wave) {
        const double height = std::sin(seconds / 3) * std::sin(seconds / 3);
        line.rtt_us = static_cast<std::int32_t>(20'500 + 60'000 * height);
        const auto zone = static_cast<std::uint8_t>(height * 3.99);
        line.record.direction[0].transition_from = line.record.direction[0].zone;
        line.record.direction[0].zone = zone;
        const auto rate = static_cast<std::int64_t>(36e6 * (1 - 0.8 * height));
        line.record.direction[0].wanted_bps = line.record.direction[0].held_bps = rate;
    }
    const bool fresh = line.rtt_us > 0;
    line.record.fresh = fresh ? 1 : 0;
    line.record.rtt_us = fresh ? line.rtt_us : kUnknownUs;
    if (line.record.measurement < 2) line.record.measurement = fresh ? 1 : 0;
    line.record.reflector_answered = fresh ? line.record.reflector_active : 0;
    for (int i = 0; i < 3; ++i) line.record.reflector_rtt_us[i] = line.rtt_us + 1000 * i;
    line.record.load_ns = 1000LL * line.rtt_us;
    line.record.delta_ns = line.record.load_ns - line.record.baseline_ns;
}

void publish(Writer& writer, Line& line, const Clock& clock) {
    const SteadyTime now = clock.steady();
    writer.heartbeat(now);
    if (line.held) return;
    take_turn(line, to_seconds(now.time_since_epoch()));
    line.record.mono_ns = now.time_since_epoch().count();
    line.record.real_ns = clock.wall().time_since_epoch().count();
    ++line.record.slot;
    line.record.writes_ended = line.record.slot % 40 == 5 ? 1 : 0;
    line.record.write_outcome = static_cast<std::uint8_t>(
        line.record.writes_ended ? WriteOutcome::applied : WriteOutcome::none);
    line.record.write_latency_us = 3100;
    writer.publish(line.record);
    writer.count(CycleCounter::slots);
}

// False when the line is unknown.
bool obey(Line& line, std::istringstream words) {
    std::string verb;
    words >> verb;
    const auto number = [&words] {
        long long value = 0;
        words >> value;
        return value;
    };
    if (verb == "rtt") {
        line.rtt_us = static_cast<std::int32_t>(number());
    } else if (verb == "zone") {
        for (auto& direction : line.record.direction) {
            direction.transition_from = direction.zone;
            direction.zone = static_cast<std::uint8_t>(number());
        }
    } else if (verb == "wanted") {
        for (auto& direction : line.record.direction) {
            direction.wanted_bps = direction.held_bps = number();
        }
    } else if (verb == "dark") {
        line.record.measurement = static_cast<std::uint8_t>(number());
    } else if (verb == "router") {
        line.record.router_state = static_cast<std::uint8_t>(number());
    } else if (verb == "wave") {
        line.wave = true;
    } else if (verb == "damage") {
        line.record.direction[0].zone = 9;
    } else if (verb == "hold") {
        line.held = true;
    } else {
        return false;
    }
    return true;
}

int feed(Writer& writer, double hz) {
    const SystemClock clock;
    Line line{first_record(hz)};
    const int period_ms = static_cast<int>(1000 / hz);
    SteadyTime next = clock.steady();
    for (;;) {
        if (clock.steady() >= next) {
            publish(writer, line, clock);
            next = clock.steady() + std::chrono::milliseconds(period_ms);
        }
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, std::max(period_ms / 2, 1)) <= 0) continue;
        // One line a read: a test waits for the answer before it says more.
        std::array<char, 256> text{};
        const ssize_t size = ::read(STDIN_FILENO, text.data(), text.size() - 1);
        if (size <= 0) ::raise(SIGKILL);
        const std::string told(text.data(), static_cast<std::size_t>(size));
        if (told == "stop\n") {
            writer.stop();
            return 0;
        }
        const bool known = obey(line, std::istringstream(told));
        publish(writer, line, clock);
        fmt::print("{}\n", known ? "ok" : "unknown");
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 64;
    const double hz = argc > 2 ? std::atof(argv[2]) : 20.0;
    shm::WriterOptions options;
    options.name = argv[1];
    options.version = "0.1.0-feeder";
    options.tick_period = from_ms(1000 / hz);
    options.stale_after = std::chrono::milliseconds(argc > 3 ? std::atoi(argv[3]) : 10'000);
    auto writer = Writer::create(options, cycle_abi(), SystemClock());
    if (!writer) {
        fmt::print(stderr, "segment-feeder: {}\n", writer.error().message);
        return 75;
    }
    return feed(*writer, hz);
}
