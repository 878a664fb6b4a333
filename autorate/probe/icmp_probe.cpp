#include "autorate/probe/icmp_probe.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "autorate/probe/wakeup.hpp"

namespace wanctl::probe {

namespace {

// A flood must not keep the loop from its timer: the rest is read at the next wake-up.
constexpr int kBatchesAtOnce = 8;

// On top of the slowest reflector's time: what a reply needs from its time stamp to the queue.
constexpr Nanos kWakeMargin = std::chrono::microseconds(50);

std::vector<HostNames::Name> to_look_up(const ReflectorSet& set,
                                        const std::vector<std::string>& texts) {
    std::vector<HostNames::Name> names;
    for (std::uint8_t i = 0; i < set.count; ++i) {
        if (!set.address[i]) names.push_back({i, texts[i]});
    }
    return names;
}

// The wall clock read between two close readings of the steady one. A preemption in between would
// look like a step of the wall clock, hence up to three attempts.
Instant read_clocks(const Clock& clock) {
    constexpr Nanos kClose = std::chrono::microseconds(100);
    Instant now{clock.steady(), clock.wall()};
    for (int attempt = 0; attempt < 3; ++attempt) {
        const SteadyTime after = clock.steady();
        if (after - now.steady < kClose) break;
        now = Instant{after, clock.wall()};
    }
    return now;
}

}  // namespace

struct IcmpProbe::Made {
    EchoSockets sockets;
    std::unique_ptr<LineChecks> checks;
    TrackerSettings settings;
    Fallback fallback;
    std::vector<std::string> names;
    LookUp look_up;
};

Result<std::unique_ptr<IcmpProbe>> IcmpProbe::open(boost::asio::io_context& loop,
                                                   const Clock& clock, const ProbeConfig& config,
                                                   const ProbeTiming& timing, SocketKind kind) {
    const auto reflectors = parse_reflectors(config.reflectors);
    if (!reflectors) return tl::unexpected(reflectors.error());
    SocketSettings wanted{kind, std::nullopt, config.interface, IpFamily::v4};
    if (!config.source_address.empty()) {
        wanted.source = parse_ip(config.source_address);
        if (!wanted.source) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("probe.source_address: \"{}\" is not a numeric IP address",
                                    config.source_address));
        }
    }
    const auto targets = parse_targets(timing.fallback);
    if (!targets) return tl::unexpected(targets.error());
    auto sockets = EchoSockets::open(wanted, *reflectors);
    if (!sockets) return tl::unexpected(sockets.error());
    auto checks = LineChecks::open(loop, clock, *targets, wanted, timing.look_up);
    if (!checks) return tl::unexpected(checks.error());
    TrackerSettings settings;
    settings.reflectors = *reflectors;
    settings.interval = timing.interval;
    settings.timeout = config.timeout;
    settings.per_reflector_hz = config.per_reflector_hz;
    settings.blackout_after = timing.fallback.max;
    settings.blocked_after = timing.blocked_after;
    settings.late_until = timing.late_until;
    return std::unique_ptr<IcmpProbe>(new IcmpProbe(
        loop, clock,
        {std::move(*sockets), std::move(*checks), settings,
         Fallback(timing.fallback, targets->tcp.size()), config.reflectors, timing.look_up}));
}

IcmpProbe::IcmpProbe(boost::asio::io_context& loop, const Clock& clock, Made made)
    : clock_(clock),
      sockets_(std::move(made.sockets)),
      names_(std::move(made.names)),
      lookups_(clock, to_look_up(made.settings.reflectors, names_), std::move(made.look_up),
               reflectors()),
      interval_(made.settings.interval),
      tracker_(made.settings),
      fallback_(made.fallback),
      checks_(std::move(made.checks)),
      wakeup_(std::make_unique<Wakeup>(loop, sockets_.descriptors(), *this)) {
    checks_->on_notice([this](const Notice& notice) { tell(notice); });
}

IcmpProbe::~IcmpProbe() = default;

void IcmpProbe::on_slot_complete(std::function<void()> handler) {
    slot_complete_ = std::move(handler);
}

int IcmpProbe::begin_slot(std::uint64_t slot) {
    const Instant start = read_clocks(clock_);
    const auto echoes = tracker_.open_slot(slot, start);
    slot_open_ = true;
    told_complete_ = false;
    int sent = 0;
    if (!echoes.empty()) {
        sent = send(echoes, start.steady);
        // Most devices stamp within the send call: read now what would else wake the loop.
        read_stamps();
        if (sent > 0) plan_wakeup(start.steady);
    }
    send_work_ = clock_.steady() - start.steady;
    return sent;
}

int IcmpProbe::send(std::span<const Echo> echoes, SteadyTime now) {
    const auto refused = sockets_.send(echoes);
    auto next = refused.begin();
    for (const Echo& echo : echoes) {
        if (next == refused.end() || next->number != echo.number) {
            if (send_troubles_.taken(echo.reflector, now)) {
                tell({"reflector", true,
                      fmt::format("{}: echoes can be sent again", names_[echo.reflector])});
            }
            continue;
        }
        tracker_.refused(echo.number);
        if (send_troubles_.refused(echo.reflector, next->error, now)) {
            tell({"reflector", false,
                  fmt::format("{}: echoes cannot be sent: {}", names_[echo.reflector],
                              std::strerror(next->error))});
        }
        ++next;
    }
    return static_cast<int>(echoes.size() - refused.size());
}

void IcmpProbe::tell_news() {
    while (const auto change = tracker_.take_change()) {
        const std::string& who = names_[change->reflector];
        tell({"reflector", !change->demoted,
              change->demoted
                  ? fmt::format("{}: answers {:.0f} % of its echoes while others answer; asked now "
                                "and then until it does better",
                                who, 100 * change->score)
                  : fmt::format("{}: answers again", who)});
    }
    while (const auto accusation = tracker_.take_accusation()) {
        tell({"reflector", false,
              fmt::format("{}: {}; left out as long as enough others agree",
                          names_[accusation->reflector], description(accusation->lie))});
    }
}

NameLookups::Owner IcmpProbe::reflectors() {
    return {"reflector", [this](std::uint8_t reflector) { return tracker_.address(reflector); },
            [this](std::uint8_t, IpFamily family) { return sockets_.reaches(family); },
            [this](std::uint8_t reflector, IpAddress address) {
                tracker_.offer_address(reflector, address);
            },
            [this](const Notice& notice) { tell(notice); }};
}

void IcmpProbe::tell_fallback(const SlotResult& result) {
    if (result.fallback == std::exchange(told_fallback_, result.fallback)) return;
    switch (result.fallback) {
        case FallbackState::off:
            return;
        case FallbackState::dead:
            return tell({"line", false, "neither the gateway nor a TCP target answers"});
        case FallbackState::gateway_only:
            return tell({"line", false, "the gateway answers, but nobody behind it"});
        case FallbackState::tcp:
            return tell({"line", false,
                         "no reflector answers, but TCP targets do: their round trip stands in"});
        case FallbackState::tcp_frozen:
            return tell({"line", false,
                         "no reflector answers, but TCP targets do: the line is alive, its round "
                         "trip is not known"});
    }
}

void IcmpProbe::tell(const Notice& notice) const {
    if (tell_notice_) tell_notice_(notice);
}

void IcmpProbe::listen() {
    for (std::size_t i = 0; i < sockets_.all().size(); ++i) {
        if (sockets_.used(i)) wakeup_->listen(i);
    }
}

void IcmpProbe::plan_wakeup(SteadyTime sent) {
    if (!slowest_) return listen();
    wakeup_->unlisten();
    const Nanos after = *slowest_ + *slowest_ / 16 + kWakeMargin;
    // Close before the tick, or later, the tick serves as well: the close reads what is there.
    if (after < interval_ - interval_ / 8) wakeup_->wake_at(sent + after);
}

void IcmpProbe::learn(const SlotResult& result) {
    if (result.answered == 0) return;
    if (result.stamp_source == StampSource::user) return slowest_.reset();
    Nanos now{};
    for (std::size_t i = 0; i < result.reflector_rtt_us.size(); ++i) {
        if ((result.answered >> i & 1) == 0) continue;
        now = std::max<Nanos>(now, Micros(result.reflector_rtt_us[i]));
    }
    const Nanos before = slowest_.value_or(now);
    slowest_ = std::max(now, before - (before - now) / 8);
}

SlotResult IcmpProbe::close_slot(SteadyTime now, const LineView& line) {
    if (tracker_.has_pending()) {
        const SteadyTime start = clock_.steady();
        collect(false);
        receive_work_ += clock_.steady() - start;
    }
    slot_open_ = false;
    SlotResult result = tracker_.close(now, line.baseline);
    learn(result);
    if (fallback_.at_close(now, line.load, result)) {
        checks_->begin([this](const CheckOutcome& outcome) {
            fallback_.round_ended(clock_.steady(), outcome);
        });
    }
    lookups_.begin_due(now, tracker_.failing());
    checks_->look_up_names(now);
    tell_news();
    tell_fallback(result);
    result.send_work = std::exchange(send_work_, Nanos::zero());
    result.receive_work = std::exchange(receive_work_, Nanos::zero());
    return result;
}

SocketKind IcmpProbe::socket_kind() const {
    return sockets_.all().front()->kind();
}

SocketCounters IcmpProbe::counters() const {
    return sockets_.counters();
}

void IcmpProbe::ready() {
    const SteadyTime start = clock_.steady();
    collect(true);
    const bool complete = tracker_.complete();
    if (complete && slowest_) {
        wakeup_->unlisten();
    } else {
        listen();
    }
    receive_work_ += clock_.steady() - start;
    if (complete && !std::exchange(told_complete_, true) && slot_complete_) slot_complete_();
}

void IcmpProbe::due() {
    // A slot that was closed meanwhile has nothing to wait for.
    if (slot_open_ && !told_complete_) ready();
}

void IcmpProbe::collect(bool woken_by_socket) {
    if (tracker_.awaits_stamps()) read_stamps();
    for (std::size_t i = 0; i < sockets_.all().size(); ++i) {
        if (!sockets_.used(i)) continue;
        IcmpSocket& socket = *sockets_.all()[i];
        // Without a reply the error queue may have woken us, which must be emptied or it wakes us
        // for ever.
        if (read_replies(socket) == 0 && woken_by_socket) read_stamps(socket);
    }
}

std::size_t IcmpProbe::read_replies(IcmpSocket& socket) {
    std::size_t total = 0;
    for (int batch = 0; batch < kBatchesAtOnce; ++batch) {
        const auto packets = socket.read_packets();
        if (packets.empty()) break;
        const Instant read = read_clocks(clock_);
        for (const ReceivedPacket& packet : packets) {
            if (packet.parsed) {
                tracker_.reply({*packet.parsed, packet.from, packet.stamp, read});
            } else {
                tracker_.count(packet.parsed.error());
            }
        }
        total += packets.size();
        if (packets.size() < IcmpSocket::kBatch) break;
    }
    return total;
}

void IcmpProbe::read_stamps() {
    for (std::size_t i = 0; i < sockets_.all().size(); ++i) {
        if (sockets_.used(i)) read_stamps(*sockets_.all()[i]);
    }
}

void IcmpProbe::read_stamps(IcmpSocket& socket) {
    for (int batch = 0; batch < kBatchesAtOnce; ++batch) {
        const auto read = socket.read_stamps();
        for (const TransmitStamp& stamp : read.stamps) {
            tracker_.transmit_stamp(stamp.number, stamp.time);
        }
        if (read.emptied) break;
    }
}

}  // namespace wanctl::probe
