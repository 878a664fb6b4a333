// What a slot cannot cost less than here, as thread processor time every 50 ms: waking twice and
// doing nothing, or, with addresses, sending one echo to each at the first wake-up and reading what
// came at the second, by one system call each. Prints p50 and p99 in nanoseconds.
//
//   slot-floor SLOTS [ADDRESS...]
#include <arpa/inet.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <thread>
#include <vector>

#include "common/fd.hpp"
#include "tests/perf/percentiles.hpp"

namespace {

using namespace wanctl;

constexpr std::size_t kPacket = 256;

Nanos thread_cpu() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + Nanos(used.tv_nsec);
}

class Echoes {
  public:
    explicit Echoes(const std::vector<std::string>& addresses) : to_(addresses.size()) {
        if (addresses.empty()) return;
        socket_ = Fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMP));
        if (!socket_) socket_ = Fd(::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP));
        if (!socket_) throw std::runtime_error("no ICMP socket: needs ping_group_range or root");
        for (std::size_t i = 0; i < to_.size(); ++i) {
            to_[i].sin_family = AF_INET;
            if (::inet_pton(AF_INET, addresses[i].c_str(), &to_[i].sin_addr) != 1) {
                throw std::runtime_error(addresses[i] + " is no IPv4 address");
            }
        }
        echo_.type = ICMP_ECHO;
        // Over a body of zeros: the complement of the type's word.
        echo_.checksum = static_cast<std::uint16_t>(~std::uint16_t{ICMP_ECHO});
    }

    void send() {
        if (to_.empty()) return;
        iovec body{&echo_, sizeof echo_};
        std::vector<mmsghdr>& headers = headers_;
        headers.assign(to_.size(), mmsghdr{});
        for (std::size_t i = 0; i < to_.size(); ++i) {
            headers[i].msg_hdr.msg_name = &to_[i];
            headers[i].msg_hdr.msg_namelen = sizeof to_[i];
            headers[i].msg_hdr.msg_iov = &body;
            headers[i].msg_hdr.msg_iovlen = 1;
        }
        static_cast<void>(
            ::sendmmsg(socket_.get(), headers.data(), static_cast<unsigned>(headers.size()), 0));
    }

    // How many packets had come.
    int receive() {
        if (to_.empty()) return 0;
        std::array<iovec, 16> bodies{};
        headers_.assign(bodies.size(), mmsghdr{});
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            bodies[i] = {packets_[i].data(), kPacket};
            headers_[i].msg_hdr.msg_iov = &bodies[i];
            headers_[i].msg_hdr.msg_iovlen = 1;
        }
        return std::max(0, ::recvmmsg(socket_.get(), headers_.data(), bodies.size(), 0, nullptr));
    }

  private:
    Fd socket_;
    std::vector<sockaddr_in> to_;
    std::vector<mmsghdr> headers_;
    std::array<std::array<char, kPacket>, 16> packets_{};
    icmphdr echo_{};
};

}  // namespace

int main(int argc, char** argv) {
    const int slots = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 100;
    Echoes echoes({argv + std::min(argc, 2), argv + argc});
    std::vector<Nanos> cost;
    long received = 0;
    SteadyTime next = SystemClock().steady();
    for (int i = 0; i < slots; ++i) {
        const Nanos before = thread_cpu();
        std::this_thread::sleep_until(next += std::chrono::milliseconds(10));
        echoes.send();
        std::this_thread::sleep_until(next += std::chrono::milliseconds(40));
        received += echoes.receive();
        cost.push_back(thread_cpu() - before);
    }
    if (received < (argc - 2) * (slots - 1L)) {
        std::cerr << "only " << received << " replies came\n";
        return 1;
    }
    const auto result = perf::percentiles(cost);
    std::cout << result.p50.count() << ' ' << result.p99.count() << '\n';
}
