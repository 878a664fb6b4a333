// A writer of segments for tests of readers: publishes a made-up WAN, or made-up decisions of
// steering, at a steady pace, and obeys lines on standard input.
//
//   segment-feeder NAME [HZ [STALE_MS [KIND]]]      20 Hz, stale after 10 s, a WAN
// KIND is "steering", or a WAN by a program whose ABI has another "major" or "minor" version.
// Both:
//   hold            no more records, but a heartbeat
//   damage          the next records are not believable
//   stop            says goodbye and ends
// A WAN:
//   rtt US          every reflector's round trip, 0 = nothing arrives
//   baseline US     what the round trip is compared with
//   zone DL UL      numbers of zones
//   wanted DL UL    bit/s; the router holds the same
//   dark STATE      number of the state of measurement
//   router STATE    number of the router's state
//   wave            an RTT and a download zone that go up and down by themselves
//   facts           tells bounds, thresholds and reflectors
// Steering:
//   steer           a decision to steer, with all that belongs to it
// Answers each line with "ok" once records tell of it. At the end of its input it dies without a
// word.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_facts.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/states.hpp"
#include "common/record/steering_fields.hpp"
#include "common/record/steering_states.hpp"
#include "shm/segment_writer.hpp"

namespace {

using namespace wanctl;

template <typename Enum>
std::uint8_t number_of(Enum value) {
    return static_cast<std::uint8_t>(value);
}

CycleFacts some_facts() {
    CycleFacts facts;
    facts.ceiling_bps[0] = 40'000'000;
    facts.ceiling_bps[1] = 10'000'000;
    for (int zone = 0; zone < 4; ++zone) {
        facts.download_floor_bps[zone] = 20'000'000 - 5'000'000LL * zone;
        facts.upload_floor_bps[zone] = 2'500'000;
    }
    facts.target_ns = 15'000'000;
    facts.warn_ns = 45'000'000;
    facts.hard_red_ns = 80'000'000;
    put_fact(facts.reflector[0], "198.18.1.1");
    put_fact(facts.reflector[1], "198.18.1.2");
    put_fact(facts.reflector[2], "198.18.1.3");
    return facts;
}

class Wan {
  public:
    using Record = CycleRecord;
    using Writer = shm::SegmentWriter<Record>;

    static RecordAbi abi() { return cycle_abi(); }

    explicit Wan(double hz) {
        record_.interval_ns = static_cast<std::uint32_t>(1e9 / hz);
        record_.reflectors = 3;
        record_.reflector_active = 0b011;
        record_.baseline_ns = 20'000'000;
        record_.direction[0].achieved_bps = 33'300'000;
        record_.direction[0].transition_reason = number_of(TransitionReason::exceeded_soft_red);
        record_.direction[0].transition_delta_ns = 50'300'000;
        record_.direction[0].transition_threshold_ns = 45'000'000;
        record_.router_state = number_of(RouterState::ok);
        record_.stage_ns[number_of(Stage::slot_cpu)] = 188'000;
        hold_rates(36'000'000, 9'000'000);
    }

    const CycleRecord& turn(SteadyTime now) {
        if (wave_) swing(to_seconds(now.time_since_epoch()));
        const bool fresh = rtt_us_ > 0;
        record_.fresh = fresh ? 1 : 0;
        record_.rtt_us = fresh ? rtt_us_ : kUnknownUs;
        if (record_.measurement < 2) record_.measurement = record_.fresh;
        record_.reflector_answered = fresh ? record_.reflector_active : 0;
        for (int i = 0; i < 3; ++i) record_.reflector_rtt_us[i] = rtt_us_ + 1000 * i;
        record_.load_ns = 1000LL * rtt_us_;
        record_.delta_ns = record_.load_ns - record_.baseline_ns;
        ++record_.slot;
        record_.writes_ended = record_.slot % 40 == 5 ? 1 : 0;
        record_.write_outcome =
            number_of(record_.writes_ended > 0 ? WriteOutcome::applied : WriteOutcome::none);
        record_.write_latency_us = 3100;
        return record_;
    }
    CycleRecord& record() { return record_; }

    bool obey(const std::string& verb, std::istringstream& words, Writer& writer) {
        const auto next = [&words] {
            long long value = 0;
            words >> value;
            return value;
        };
        if (verb == "rtt") {
            rtt_us_ = static_cast<std::int32_t>(next());
        } else if (verb == "baseline") {
            record_.baseline_ns = 1000 * next();
        } else if (verb == "zone") {
            for (auto& direction : record_.direction) {
                direction.transition_from = direction.zone;
                direction.zone = static_cast<std::uint8_t>(next());
            }
        } else if (verb == "wanted") {
            const auto download = next();
            hold_rates(download, next());
        } else if (verb == "dark") {
            record_.measurement = static_cast<std::uint8_t>(next());
        } else if (verb == "router") {
            record_.router_state = static_cast<std::uint8_t>(next());
        } else if (verb == "wave") {
            wave_ = true;
        } else if (verb == "facts") {
            writer.publish_facts(some_facts());
        } else if (verb == "damage") {
            record_.direction[0].zone = 9;
        } else {
            return false;
        }
        return true;
    }

  private:
    void hold_rates(std::int64_t download, std::int64_t upload) {
        record_.direction[0].wanted_bps = record_.direction[0].held_bps = download;
        record_.direction[1].wanted_bps = record_.direction[1].held_bps = upload;
    }
    void swing(double seconds) {
        const double height = std::sin(seconds / 3) * std::sin(seconds / 3);
        rtt_us_ = static_cast<std::int32_t>(20'500 + 60'000 * height);
        record_.direction[0].transition_from = record_.direction[0].zone;
        record_.direction[0].zone = static_cast<std::uint8_t>(height * 3.99);
        hold_rates(static_cast<std::int64_t>(36e6 * (1 - 0.8 * height)), 9'000'000);
    }

    CycleRecord record_;
    std::int32_t rtt_us_ = 21'500;
    bool wave_ = false;
};

class Steering {
  public:
    using Record = SteeringRecord;
    using Writer = shm::SegmentWriter<Record>;

    static RecordAbi abi() { return steering_abi(); }

    explicit Steering(double hz) {
        record_.interval_ns = static_cast<std::uint32_t>(1e9 / hz);
        record_.steer_threshold = 55;
        record_.recover_threshold = 20;
        record_.score = 5;
        record_.reason = number_of(SteeringReason::quiet);
        record_.assessment = number_of(Assessment::green);
        record_.rule_wanted = record_.rule_read = number_of(RuleState::disabled);
        record_.rule_status = number_of(RuleStatus::ok);
        record_.rule_age_ns = 2'300'000'000;
        record_.router_state = number_of(RouterState::ok);
        for (WanRecord& wan : record_.wan) {
            wan.seen = 1234;
            wan.age_ns = 30'000'000;
            wan.source = number_of(SourceState::live);
            wan.dl_zone = wan.ul_zone = number_of(Zone::green);
            wan.delta_us = 1500;
        }
    }

    const SteeringRecord& turn(SteadyTime now) {
        if (steered_)
            record_.last_at_ns = (now - std::chrono::seconds(12)).time_since_epoch().count();
        ++record_.slot;
        return record_;
    }
    SteeringRecord& record() { return record_; }

    bool obey(const std::string& verb, std::istringstream&, Writer&) {
        if (verb == "steer") {
            steer();
        } else if (verb == "damage") {
            record_.state = 9;
        } else {
            return false;
        }
        return true;
    }

  private:
    void steer() {
        steered_ = true;
        record_.state = number_of(SteeringState::degraded);
        record_.assessment = number_of(Assessment::red);
        record_.score = 85;
        record_.contributors = 0b10001;
        record_.points[number_of(Contributor::red)] = 50;
        record_.points[number_of(Contributor::rtt_high)] = 35;
        record_.reason = number_of(SteeringReason::hold_down);
        record_.congestion = number_of(CongestedDirection::download);
        record_.rule_wanted = record_.rule_read = number_of(RuleState::enabled);
        record_.timer_left_us[number_of(SteeringTimer::hold_down)] = 18'000'000;
        record_.timer_length_us[number_of(SteeringTimer::hold_down)] = 30'000'000;
        record_.last_action = number_of(SteeringAction::enable);
        record_.last_outcome = number_of(WriteOutcome::applied);
        record_.last_reason = number_of(SteeringReason::congested);
        record_.last_latency_us = 3100;
        record_.last_send_us = 900;
        record_.last_score = 85;
        record_.last_delta_us = 100'000;
        record_.toggles = 1;
        record_.wan[0].dl_zone = number_of(Zone::red);
        record_.wan[0].usable = number_of(Usability::red);
        record_.wan[0].delta_us = 100'000;
        record_.wan[0].drops = 3;
        record_.wan[0].queue_packets = 60;
    }

    SteeringRecord record_;
    bool steered_ = false;
};

template <typename Source>
int feed(const shm::WriterOptions& options, double hz, const std::string& kind) {
    const SystemClock clock;
    RecordAbi abi = Source::abi();
    if (kind == "minor") ++abi.minor;
    if (kind == "major") {
        ++abi.major;
        ++abi.layout_hash;
    }
    auto writer = Source::Writer::create(options, abi, clock);
    if (!writer) {
        fmt::print(stderr, "segment-feeder: {}\n", writer.error().message);
        return 75;
    }
    Source source(hz);
    bool held = false;
    const auto publish = [&] {
        const SteadyTime now = clock.steady();
        writer->heartbeat(now);
        writer->count(std::size_t{1});
        if (held) return;
        typename Source::Record record = source.turn(now);
        record.mono_ns = now.time_since_epoch().count();
        record.real_ns = clock.wall().time_since_epoch().count();
        writer->publish(record);
    };
    const int period_ms = static_cast<int>(1000 / hz);
    for (SteadyTime next = clock.steady();;) {
        if (clock.steady() >= next) {
            publish();
            next = clock.steady() + std::chrono::milliseconds(period_ms);
        }
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, std::max(period_ms / 2, 1)) <= 0) continue;
        // One line a read: who tells something waits for the answer before it tells more.
        std::array<char, 256> text{};
        const ssize_t size = ::read(STDIN_FILENO, text.data(), text.size() - 1);
        if (size <= 0) std::raise(SIGKILL);
        std::istringstream words(std::string(text.data(), static_cast<std::size_t>(size)));
        std::string verb;
        words >> verb;
        if (verb == "stop") {
            writer->stop();
            return 0;
        }
        if (verb == "hold") held = true;
        const bool known = verb == "hold" || source.obey(verb, words, *writer);
        publish();
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
    const std::string kind = argc > 4 ? argv[4] : "";
    return kind == "steering" ? feed<Steering>(options, hz, kind) : feed<Wan>(options, hz, kind);
}
