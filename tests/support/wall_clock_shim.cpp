// A library for LD_PRELOAD that moves CLOCK_REALTIME as one program sees it: what it asks the
// system for, and the stamps that the kernel puts on packets. Timers of the kernel that run by the
// wall clock are not moved; a program that has none cannot tell this from clock_settime().
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "tests/support/wall_clock_step.hpp"

namespace {

using wanctl::test::WallClockStep;

constexpr std::int64_t kSecond = 1'000'000'000;

const WallClockStep& step() {
    static const WallClockStep none;
    static const WallClockStep* const mapped = [] {
        const char* path = std::getenv(wanctl::test::kWallClockVariable);
        const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return &none;
        void* memory = mmap(nullptr, sizeof(WallClockStep), PROT_READ, MAP_SHARED, file, 0);
        close(file);
        return memory == MAP_FAILED ? &none : static_cast<const WallClockStep*>(memory);
    }();
    return *mapped;
}

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

void move(timespec& time) {
    const std::int64_t now = time.tv_sec * kSecond + time.tv_nsec;
    const WallClockStep& by = step();
    const std::int64_t moved = now + (now < by.at_ns ? by.before_ns : by.after_ns);
    time.tv_sec = moved / kSecond;
    time.tv_nsec = moved % kSecond;
}

// Software, nothing, hardware; zero where there is none.
void move_stamps(msghdr& message) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING) continue;
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        if (stamp.tv_sec == 0) continue;
        move(stamp);
        std::memcpy(CMSG_DATA(c), &stamp, sizeof stamp);
    }
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* time) noexcept {
    static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
    const int result = real(id, time);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) move(*time);
    return result;
}

int gettimeofday(timeval* time, void*) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* out) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr) *out = now.tv_sec;
    return now.tv_sec;
}

int recvmmsg(int socket, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
    static const auto real = next<int (*)(int, mmsghdr*, unsigned, int, timespec*)>("recvmmsg");
    const int received = real(socket, messages, count, flags, timeout);
    for (int i = 0; i < received; ++i) move_stamps(messages[i].msg_hdr);
    return received;
}

}  // extern "C"
