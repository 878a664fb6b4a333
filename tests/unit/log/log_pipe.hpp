// A Log whose lines a test reads back, with a clock that stands still.
#pragma once

#include <array>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "common/log/log.hpp"
#include "tests/support/catch.hpp"

namespace wanctl::test {

class FixedClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime{}; }
    // 2026-11-21T06:20:53.007Z
    [[nodiscard]] WallTime wall() const override {
        return WallTime(std::chrono::milliseconds(1795242053007));
    }
};

class LogPipe {
  public:
    explicit LogPipe(LogOptions options = {}) {
        REQUIRE(::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC) == 0);
        options.fd = ends_[1];
        log_ = std::make_unique<Log>(options, clock_);
    }
    ~LogPipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    LogPipe(const LogPipe&) = delete;
    LogPipe& operator=(const LogPipe&) = delete;

    [[nodiscard]] Log& log() { return *log_; }
    [[nodiscard]] int write_end() const { return ends_[1]; }

    // What was logged since the last call.
    std::string taken() const {
        std::string out;
        std::array<char, 65536> buffer;
        for (;;) {
            const ssize_t got = ::read(ends_[0], buffer.data(), buffer.size());
            if (got <= 0) return out;
            out.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

  private:
    std::array<int, 2> ends_{};
    FixedClock clock_;
    std::unique_ptr<Log> log_;
};

}  // namespace wanctl::test
