// Real packets across a TunLine, in network namespaces of its own. Exit 0 good, 1 wrong, 77 when
// this system does not let the test make them.
#include <utility>

#include <arpa/inet.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <future>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/fd.hpp"
#include "tests/sim/line/tun_line.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

constexpr int kSkip = 77;
constexpr std::uint16_t kPort = 5001;
constexpr std::size_t kTransfer = 2'000'000;
const SystemClock kClock;

sockaddr_in endpoint(const std::string& address, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    return to;
}
const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

// The far side's program: gives every connection kTransfer bytes.
int serve(const std::string& address) {
    Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
    const auto here = endpoint(address, kPort);
    if (::bind(listener.get(), generic(here), sizeof(here)) != 0 ||
        ::listen(listener.get(), 4) != 0)
        return 1;
    while (true) {
        Fd client(::accept(listener.get(), nullptr, nullptr));
        if (!client) return 1;
        const std::string chunk(10'000, 'w');
        for (std::size_t sent = 0; sent < kTransfer; sent += chunk.size()) {
            if (::send(client.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL) < 0) break;
        }
    }
}

// When the kernel got the packet; nothing when none came.
std::optional<WallTime> receive(int socket) {
    std::array<char, 128> packet{};
    alignas(cmsghdr) std::array<char, 128> control{};
    iovec data{packet.data(), packet.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket, &message, 0) <= 0) return std::nullopt;
    const cmsghdr* stamp = CMSG_FIRSTHDR(&message);
    if (stamp == nullptr || stamp->cmsg_type != SCM_TIMESTAMPNS) return std::nullopt;
    timespec when{};
    std::memcpy(&when, CMSG_DATA(stamp), sizeof(when));
    return WallTime(std::chrono::seconds(when.tv_sec) + Nanos(when.tv_nsec));
}

// One echo by a datagram ICMP socket; nothing after three seconds.
std::optional<Nanos> ping(const std::string& address, std::uint16_t sequence) {
    Fd socket(::socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
    const timeval limit{3, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    std::array<char, 64> packet{};
    icmphdr header{};
    header.type = ICMP_ECHO;
    header.un.echo.sequence = htons(sequence);
    std::memcpy(packet.data(), &header, sizeof(header));
    const auto to = endpoint(address, 0);
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    const WallTime sent = kClock.wall();
    if (::sendto(socket.get(), packet.data(), packet.size(), 0, generic(to), sizeof(to)) < 0)
        return std::nullopt;
    const auto came = receive(socket.get());
    if (!came) return std::nullopt;
    return *came - sent;
}

// Waits up to 20 s for a condition.
bool eventually(const std::function<bool()>& condition) {
    const SteadyTime end = kClock.steady() + std::chrono::seconds(20);
    while (!condition()) {
        if (kClock.steady() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

// The line on its loop in a thread; `ask` reads and sets it from the test's.
class Fixture {
  public:
    Fixture()
        : line_(io_, kClock, spec()), tun_(TunLine::open(io_, line_, TunAddresses::of_wan(0))) {}
    ~Fixture() { stop(); }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    [[nodiscard]] const Result<std::unique_ptr<TunLine>>& tun() const { return tun_; }
    void run() {
        thread_ = std::thread([this] {
            prefer_this_thread();
            io_.run();
        });
    }
    void stop() {
        io_.stop();
        if (thread_.joinable()) thread_.join();
    }
    template <typename Work>
    auto ask(Work work) {
        std::packaged_task<decltype(work(line_.model()))()> task(
            [&] { return work(line_.model()); });
        auto answer = task.get_future();
        boost::asio::post(io_, [&task] { task(); });
        return answer.get();
    }

  private:
    static LineSpec spec() {
        LineSpec spec;
        spec.capacity = CapacityTrace::constant(20_mbit, 5_mbit);
        return spec;
    }

    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    LiveLine line_;
    Result<std::unique_ptr<TunLine>> tun_;
    std::thread thread_;
};

bool check(bool good, const std::string& sentence) {
    std::cout << (good ? "good: " : "WRONG: ") << sentence << std::endl;
    return good;
}

bool idle_delay(Fixture& fixture) {
    const Nanos own = fixture.ask([](LineModel& line) {
        return line.figures(Direction::download).one_way_delay +
               line.figures(Direction::upload).one_way_delay;
    });
    std::vector<Nanos> excess;
    for (std::uint16_t i = 1; i <= 200; ++i) {
        const auto rtt = ping(fmt::format("198.18.1.{}", 1 + i % 16), i);
        if (rtt) excess.push_back(*rtt - own);
    }
    if (!check(excess.size() == 200, "all 16 reflectors answer")) return false;
    std::sort(excess.begin(), excess.end());
    std::cout << fmt::format("excess over the model's {:.3f} ms: p50 {:.0f} us, p99 {:.0f} us\n",
                             to_ms(own), to_ms(excess[100]) * 1e3, to_ms(excess[198]) * 1e3);
    return check(excess.front() >= Nanos(0), "no echo is faster than the line") &&
           check(excess.front() < std::chrono::milliseconds(2),
                 "an echo on an idle line takes its base delay");
}

bool bloat(Fixture& fixture) {
    const auto queueing = [&fixture] {
        return fixture.ask(
            [](LineModel& line) { return line.figures(Direction::upload).queueing_delay; });
    };
    fixture.ask([](LineModel& line) {
        line.set_flows(Direction::upload, 4);
        return 0;
    });
    if (!check(eventually([&] { return queueing() > std::chrono::milliseconds(200); }),
               "uploads fill the far buffer"))
        return false;
    const Nanos before = queueing();
    const auto rtt = ping("198.18.1.1", 1000);
    const bool seen = rtt && *rtt > before / 2 && *rtt < 3 * before;
    fixture.ask([](LineModel& line) {
        line.port(Direction::upload).set_limit(4_mbit, Ratio{0.1});
        return 0;
    });
    return check(seen, "a real echo sees the bloat the model tells of") &&
           check(eventually([&] {
                     const auto later = ping("198.18.1.1", 1001);
                     return later && *later < std::chrono::milliseconds(60);
                 }),
                 "a limit below the capacity takes the bloat away from real echoes");
}

bool transfer(Fixture& fixture) {
    fixture.ask([](LineModel& line) {
        line.set_flows(Direction::upload, 0);
        return 0;
    });
    Fd socket;
    const auto to = endpoint("198.18.1.3", kPort);
    const bool connected = eventually([&] {
        socket = Fd(::socket(AF_INET, SOCK_STREAM, 0));
        return ::connect(socket.get(), generic(to), sizeof(to)) == 0;
    });
    if (!check(connected, "a TCP connection opens across the line")) return false;
    const timeval limit{10, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const SteadyTime start = kClock.steady();
    std::array<char, 65536> buffer;
    std::size_t got = 0;
    for (ssize_t n = 0; (n = ::recv(socket.get(), buffer.data(), buffer.size(), 0)) > 0;)
        got += static_cast<std::size_t>(n);
    const double mbps = static_cast<double>(got) * 8 / to_seconds(kClock.steady() - start) / 1e6;
    std::cout << fmt::format("TCP: {} bytes at {:.1f} Mbit/s of 20\n", got, mbps);
    return check(got == kTransfer, "TCP gets every byte") &&
           check(mbps < 20.5, "TCP is no faster than the line");
}

bool blackout(Fixture& fixture) {
    fixture.ask([](LineModel& line) {
        line.set_blackout(true);
        return 0;
    });
    const bool silent = !ping("198.18.1.2", 2000);
    fixture.ask([](LineModel& line) {
        line.set_blackout(false);
        return 0;
    });
    return check(silent, "nothing answers in a blackout") &&
           check(eventually([] { return ping("198.18.1.2", 2001).has_value(); }),
                 "and again after it");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string(argv[1]) == "serve") return serve(argv[2]);
    if (::unshare(CLONE_NEWNET) != 0) {
        std::cout << "skipped: no network namespace of its own without CAP_SYS_ADMIN\n";
        return kSkip;
    }
    Fixture fixture;
    if (!fixture.tun()) {
        std::cout << "skipped: " << fixture.tun().error().message << '\n';
        return fixture.tun().error().kind == ErrorKind::invalid_input ? 1 : kSkip;
    }
    std::array<char, 4096> self{};
    if (::readlink("/proc/self/exe", self.data(), self.size() - 1) < 0) return 1;
    if (!(*fixture.tun())->run_far(fmt::format("exec '{}' serve 198.18.1.3", self.data())))
        return 1;
    fixture.run();
    const bool good =
        idle_delay(fixture) && bloat(fixture) && transfer(fixture) && blackout(fixture);
    fixture.stop();
    return good ? 0 : 1;
}
