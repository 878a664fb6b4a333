#include "autorate/probe/icmp_probe.hpp"

#include <array>

#include <boost/asio/steady_timer.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/support/private_network.hpp"
#include "tests/unit/probe/loopback_peer.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

class ProbeOnLoopback {
  public:
    explicit ProbeOnLoopback(SocketKind kind, std::vector<std::string> reflectors = {
                                                  "127.0.0.2", "127.0.0.3", "127.0.0.4"}) {
        ProbeConfig config;
        config.reflectors = std::move(reflectors);
        config.per_reflector_hz = 1'000'000;  // everybody in every slot
        const ProbeTiming timing{std::chrono::milliseconds(50), {}, {}, {}, {}};
        auto opened = IcmpProbe::open(loop, clock, config, timing, kind);
        if (!opened) FAIL(opened.error().message);
        probe = std::move(*opened);
        probe->on_slot_complete([this] { ++completed; });
    }

    // Runs the loop until `done` or the deadline.
    template <typename Condition>
    bool run_until(Condition done) {
        const auto end = std::chrono::steady_clock::now() + kDeadline;
        while (!done() && std::chrono::steady_clock::now() < end) {
            loop.run_one_for(std::chrono::seconds(1));
            loop.restart();
        }
        return done();
    }
    SlotResult whole_slot(std::uint64_t slot) {
        const int before = completed;
        sent = probe->begin_slot(slot);
        if (!run_until([&] { return completed > before; })) FAIL("slot " << slot << " hangs");
        return probe->close_slot(clock.steady(), {std::chrono::milliseconds(20), {}});
    }

    SystemClock clock;
    boost::asio::io_context loop{1};
    std::unique_ptr<IcmpProbe> probe;
    int completed = 0;
    int sent = 0;
};

// The id is in every request; the cookie stays the probe's secret.
EchoIdentity identity_of_next(LoopbackPeer& peer) {
    const auto request = peer.next(std::byte{8});
    if (request.size() != 20 + kEchoSize) FAIL("no request seen");
    EchoIdentity identity{};
    identity.id = static_cast<std::uint16_t>((std::to_integer<unsigned>(request[24]) << 8) |
                                             std::to_integer<unsigned>(request[25]));
    return identity;
}

}  // namespace

TEST_CASE("a slot on loopback completes once, with every reflector in its sample") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    ProbeOnLoopback rig(kind);
    CHECK(rig.probe->socket_kind() == kind);
    SlotResult result;
    std::uint64_t slot = 0;
    // Kernel stamps may begin a moment after the socket is opened.
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    do {
        result = rig.whole_slot(++slot);
        REQUIRE(rig.sent == 3);
        REQUIRE(result.fresh());
        CHECK(result.slot == slot);
        CHECK(result.answered == 0b111);
        CHECK(result.malformed == 0);
        CHECK(result.foreign == 0);
    } while (result.stamp_source != StampSource::kernel && std::chrono::steady_clock::now() < end);
    CHECK(result.stamp_source == StampSource::kernel);
    CHECK(*result.rtt > Nanos::zero());
    CHECK(result.send_work > Nanos::zero());
    CHECK(result.receive_work > Nanos::zero());
    CHECK(rig.completed == static_cast<int>(slot));
}

TEST_CASE("ten thousand slots allocate nothing from send to close") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    ProbeOnLoopback rig(kind);
    // The loop's list of timers grows with its first timers, and the probe has none as long as all
    // replies are there at once.
    {
        std::array<boost::asio::steady_timer, 4> timers{
            boost::asio::steady_timer(rig.loop), boost::asio::steady_timer(rig.loop),
            boost::asio::steady_timer(rig.loop), boost::asio::steady_timer(rig.loop)};
        for (auto& timer : timers) {
            timer.expires_after(std::chrono::minutes(1));
            timer.async_wait([](const auto&) {});
        }
    }
    (void)rig.whole_slot(1);
    (void)rig.whole_slot(2);
    std::uint64_t fresh = 0;
    const std::uint64_t before = allocations();
    for (std::uint64_t slot = 3; slot < 10'003; ++slot) fresh += rig.whole_slot(slot).fresh();
    const std::uint64_t used = allocations() - before;
    CHECK(used == 0);
    CHECK(fresh == 10'000);
}

TEST_CASE("an unanswered echo leaves its slot incomplete and is lost after the timeout") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const Silence silence;
    ProbeOnLoopback rig(SocketKind::automatic);
    CHECK(rig.probe->begin_slot(1) == 3);
    rig.loop.poll();
    CHECK(rig.completed == 0);
    SlotResult result = rig.probe->close_slot(rig.clock.steady(), {});
    CHECK(result.lost == 0);
    result = rig.probe->close_slot(rig.clock.steady() + std::chrono::seconds(2), {});
    CHECK(result.lost == 3);
    CHECK_FALSE(result.fresh());
}

TEST_CASE("a reflector without a route is told once, and the slot is complete without it") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ProbeOnLoopback rig(SocketKind::automatic, {"127.0.0.2", "198.18.0.1", "127.0.0.3"});
    std::vector<Notice> notices;
    rig.probe->on_notice([&](const Notice& notice) { notices.push_back(notice); });
    for (std::uint64_t slot = 1; slot <= 5; ++slot) {
        const SlotResult result = rig.whole_slot(slot);
        CHECK(rig.sent == 2);
        CHECK(result.answered == 0b101);
        CHECK(result.lost == 0);
    }
    CHECK(rig.probe->counters().refused == 5);
    REQUIRE(notices.size() == 1);
    CHECK_FALSE(notices[0].good);
    CHECK_THAT(notices[0].message,
               Catch::Contains("198.18.0.1") && Catch::Contains(std::strerror(ENETUNREACH)));
}

TEST_CASE("replies that wait behind the closing timer are read before their echoes count as lost") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ProbeOnLoopback rig(SocketKind::automatic);
    (void)rig.whole_slot(1);
    (void)rig.probe->begin_slot(2);
    // The loop did not get to run: the program stalled for two seconds.
    const SlotResult result =
        rig.probe->close_slot(rig.clock.steady() + std::chrono::seconds(2), {});
    CHECK(result.lost == 0);
    CHECK(result.answered == 0b111);
}

TEST_CASE("forged replies and ICMP errors are counted without keeping the loop awake") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    // Every echo is stamped and none is answered: the probe listens, and awaits no stamps.
    const Silence silence;
    ProbeOnLoopback rig(kind, {"127.0.0.2"});
    (void)rig.probe->begin_slot(1);
    const EchoIdentity identity = identity_of_next(peer);
    REQUIRE(peer.send(LoopbackPeer::reply(identity, 1)));
    REQUIRE(peer.send(LoopbackPeer::unreachable(identity)));
    REQUIRE(rig.run_until([&] { return rig.probe->counters().icmp_errors == 1; }));
    int handlers = 0;
    while (handlers < 100 && rig.loop.poll_one() != 0) ++handlers;
    CHECK(handlers < 100);
    const SlotResult result = rig.probe->close_slot(rig.clock.steady(), {});
    CHECK(result.foreign == 1);
    CHECK_FALSE(result.fresh());
}

TEST_CASE("a packet that comes after the last reply does not complete the slot again") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    ProbeOnLoopback rig(SocketKind::automatic, {"127.0.0.2"});
    (void)rig.probe->begin_slot(1);
    REQUIRE(rig.run_until([&] { return rig.completed == 1; }));
    REQUIRE(peer.send(LoopbackPeer::reply(identity_of_next(peer), 1)));
    rig.loop.restart();
    REQUIRE(rig.loop.run_one_for(kDeadline) == 1);
    CHECK(rig.completed == 1);
    CHECK(rig.probe->close_slot(rig.clock.steady(), {}).foreign == 1);
}

TEST_CASE("an error on the queue of a socket that is not listened to does no harm") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    ProbeOnLoopback rig(SocketKind::automatic, {"127.0.0.2"});
    (void)rig.whole_slot(1);
    (void)rig.whole_slot(2);
    const EchoIdentity identity = identity_of_next(peer);
    REQUIRE(peer.send(LoopbackPeer::unreachable(identity)));
    (void)rig.loop.poll();
    CHECK(rig.whole_slot(3).fresh());
    CHECK(rig.probe->counters().icmp_errors == 1);
    CHECK(rig.probe->counters().refused == 0);
}

TEST_CASE("a reply slower than the last ones still completes its slot") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    ProbeOnLoopback rig(kind);
    for (std::uint64_t slot = 1; slot < 50; ++slot) (void)rig.whole_slot(slot);
    // The loop comes late, long after the expected time; nothing is missed by that either.
    (void)rig.probe->begin_slot(50);
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    while (std::chrono::steady_clock::now() < end) {
    }
    const int before = rig.completed;
    REQUIRE(rig.run_until([&] { return rig.completed == before + 1; }));
}

TEST_CASE("a probe may go while its wait is pending, and the loop goes on without it") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const int slots = GENERATE(0, 1, 2);
    ProbeOnLoopback rig(SocketKind::automatic);
    for (int slot = 1; slot <= slots; ++slot) (void)rig.whole_slot(static_cast<unsigned>(slot));
    rig.completed = 0;
    (void)rig.probe->begin_slot(9);
    rig.probe.reset();
    rig.loop.restart();
    rig.loop.poll();
    CHECK(rig.loop.stopped());
    CHECK(rig.completed == 0);
}

TEST_CASE("a probe may go in a handler that runs just before its own wake-up") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ProbeOnLoopback rig(SocketKind::automatic);
    (void)rig.whole_slot(1);
    (void)rig.whole_slot(2);
    boost::asio::steady_timer first(rig.loop, rig.clock.steady());
    first.async_wait([&](const boost::system::error_code&) { rig.probe.reset(); });
    rig.completed = 0;
    (void)rig.probe->begin_slot(3);
    // Both timers are over when the loop looks: both handlers are queued, in this order.
    const auto end = rig.clock.steady() + std::chrono::milliseconds(5);
    while (rig.clock.steady() < end) {
    }
    rig.loop.restart();
    rig.loop.poll();
    CHECK_FALSE(rig.probe);
    CHECK(rig.completed == 0);
}

TEST_CASE("settings that cannot be used are errors that name the value") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    boost::asio::io_context loop{1};
    const SystemClock clock;
    const ProbeTiming timing{std::chrono::milliseconds(50), {}, {}, {}, {}};
    ProbeConfig config;
    config.reflectors = {"dns,example"};
    auto opened = IcmpProbe::open(loop, clock, config, timing);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Catch::Contains("dns,example"));
    config.reflectors = {"127.0.0.2"};
    config.source_address = "eth0";
    opened = IcmpProbe::open(loop, clock, config, timing);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Catch::Contains("\"eth0\""));
    config.source_address = "198.18.9.9";
    opened = IcmpProbe::open(loop, clock, config, timing);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Catch::Contains("198.18.9.9"));
}
