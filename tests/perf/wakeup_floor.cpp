// What a slot cannot cost less than here: the thread processor time of waking twice every 50 ms, to
// send and to read, and doing nothing. Prints p50 and p99 in nanoseconds.
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <thread>

#include "tests/perf/percentiles.hpp"

namespace {

using namespace wanctl;

Nanos thread_cpu() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + Nanos(used.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
    const int slots = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 100;
    std::vector<Nanos> cost;
    SteadyTime next = SystemClock().steady();
    for (int i = 0; i < slots; ++i) {
        const Nanos before = thread_cpu();
        for (const auto pause : {std::chrono::milliseconds(10), std::chrono::milliseconds(40)}) {
            next += pause;
            std::this_thread::sleep_until(next);
        }
        cost.push_back(thread_cpu() - before);
    }
    const auto result = perf::percentiles(cost);
    std::cout << result.p50.count() << ' ' << result.p99.count() << '\n';
}
