// The whole daemon on real sockets: a slot without a request to the router allocates nothing.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "autorate/daemon.hpp"
#include "common/record/cycle_fields.hpp"
#include "shm/directory.hpp"
#include "shm/segment_reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/support/private_network.hpp"
#include "tests/unit/actuate/fake_router.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

// A line that is never busy, with three reflectors on loopback that are all asked in every slot.
AutorateConfig quiet_config() {
    AutorateConfig config = cable_config(std::chrono::milliseconds(5));
    config.wan = fmt::format("t{}-daemon", ::getpid());
    config.probe.reflectors = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
    config.probe.per_reflector_hz = 1000;
    config.queues.name = {"WAN-Download", "WAN-Upload"};
    config.queues.stats_interval = std::chrono::hours(1);  // no poll comes
    config.direction[0].ceiling = 800_mbit;                // what the router holds from the start
    config.direction[1].ceiling = 30_mbit;
    return config;
}

class WholeDaemon {
  public:
    WholeDaemon() : router_(loop_), log_(log_options(), clock_) {
        daemon_.emplace(Surroundings{loop_, clock_, log_, notifier_}, config_, parts());
        auto reader = shm::SegmentReader<CycleRecord>::attach(config_.wan, cycle_abi(), {});
        if (!reader) throw std::runtime_error(reader.error().text);
        reader_.emplace(std::move(*reader));
    }
    ~WholeDaemon() {
        daemon_.reset();
        std::remove(shm::object_path(config_.wan).c_str());
        std::remove(shm::lock_path(config_.wan).c_str());
        ::close(null_);
    }
    WholeDaemon(const WholeDaemon&) = delete;
    WholeDaemon& operator=(const WholeDaemon&) = delete;

    void start() { daemon_->start(); }

    // Runs until `count` more records are there; how many of them are of complete, fresh slots.
    std::uint64_t run_slots(std::uint64_t count) {
        const SteadyTime end = clock_.steady() + std::chrono::seconds(60);
        const std::uint64_t last = reader_->head() + count;
        std::uint64_t complete = 0;
        for (std::uint64_t next = reader_->head(); next < last && clock_.steady() < end;) {
            loop_.run_one_for(std::chrono::seconds(1));
            for (CycleRecord record; next < last && next < reader_->head(); ++next) {
                if (reader_->read(next, record) != shm::ReadStatus::ok) continue;
                complete += record.fresh == 1 && record.reflector_answered == 0b111 ? 1 : 0;
            }
        }
        return complete;
    }

    [[nodiscard]] std::size_t requests() const { return router_.server.requests().size(); }
    [[nodiscard]] bool settled() const { return router_.lookups > 0; }

  private:
    LogOptions log_options() const {
        LogOptions options;
        options.fd = null_;
        // A busy machine misses slots, and a line that says so is no part of a slot.
        options.level = LogLevel::error;
        return options;
    }
    Parts parts() {
        auto probe = probe::IcmpProbe::open(loop_, clock_, config_.probe,
                                            {config_.interval, config_.fallback, {}, {}, {}});
        if (!probe) throw std::runtime_error(probe.error().message);
        routeros::RestOptions rest;
        rest.url = router_.server.url();
        rest.user = "wanctl";
        const auto link = std::make_shared<routeros::RouterLink>(loop_, clock_, rest);
        auto actuator = std::make_unique<actuate::Actuator>(
            loop_, clock_, actuate::actuator_options(config_, 1), link, link);
        auto segment = shm::SegmentWriter<CycleRecord>::create(
            {config_.wan, "test", "", config_.interval, std::chrono::seconds(60)}, cycle_abi(),
            clock_);
        if (!segment) throw std::runtime_error(segment.error().message);
        return Parts{std::move(*probe), std::move(actuator), link, std::move(*segment)};
    }

    AutorateConfig config_ = quiet_config();
    SystemClock clock_;
    boost::asio::io_context loop_{1};
    test::FakeRouter router_;
    int null_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    Log log_;
    Notifier notifier_;
    std::optional<Daemon> daemon_;
    std::optional<shm::SegmentReader<CycleRecord>> reader_;
};

}  // namespace

TEST_CASE("a whole slot without a request to the router allocates nothing") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    WholeDaemon daemon;
    daemon.start();
    for (int i = 0; i < 100 && !daemon.settled(); ++i) (void)daemon.run_slots(10);
    REQUIRE(daemon.settled());
    (void)daemon.run_slots(20);
    const std::size_t requests = daemon.requests();
    const std::uint64_t before = test::allocations();
    const std::uint64_t complete = daemon.run_slots(500);
    const std::uint64_t used = test::allocations() - before;
    REQUIRE(daemon.requests() == requests);
    CHECK(complete > 250);
    CHECK(used == 0);
}
