// The log of a process: made once by main, passed by reference.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/log/log_line.hpp"

namespace wanctl {

struct LogOptions {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    int fd = 2;  // not owned
    // journald reads `fd`: each line gets its priority as "<4>" in front, and text no time stamp.
    bool journal = false;
};

// What the configuration says, to stderr, with journald recognised by JOURNAL_STREAM.
[[nodiscard]] LogOptions log_options(const LogConfig& config);

// Whether `journal_stream` ("device:inode", as systemd sets it) is the file behind `fd`.
[[nodiscard]] bool is_journal(const char* journal_stream, int fd);

// Lines with a level, a message and key=value pairs. A level that is off costs one comparison. May
// be called from any thread. Never waits: while nobody reads `fd`, lines are dropped, counted, and
// their number is logged first thing afterwards.
class Log {
  public:
    using Fields = std::initializer_list<LogField>;

    Log(const LogOptions& options, const Clock& clock);
    // The same log, with wan=`wan` at the end of each line: for one of several in a process. Level
    // and format stay those of `whole`, whichever of them is told to change.
    Log(const Log& whole, std::string wan);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    [[nodiscard]] bool enabled(LogLevel level) const noexcept {
        return level >= shared_->level.load(std::memory_order_relaxed);
    }
    void set_level(LogLevel level) noexcept {
        shared_->level.store(level, std::memory_order_relaxed);
    }
    void set_format(LogFormat format);

    void debug(std::string_view message, Fields fields = {}) {
        log(LogLevel::debug, message, fields);
    }
    void info(std::string_view message, Fields fields = {}) {
        log(LogLevel::info, message, fields);
    }
    void warning(std::string_view message, Fields fields = {}) {
        log(LogLevel::warning, message, fields);
    }
    void error(std::string_view message, Fields fields = {}) {
        log(LogLevel::error, message, fields);
    }
    void log(LogLevel level, std::string_view message, Fields fields = {}) {
        if (enabled(level)) write(level, message, fields);
    }

    // Lines that could not be written since start.
    [[nodiscard]] std::uint64_t lost() const noexcept;

  private:
    struct Output;
    struct Shared {
        std::atomic<LogLevel> level;
        std::unique_ptr<Output> output;
    };

    void write(LogLevel level, std::string_view message, Fields fields);

    const Clock& clock_;
    std::shared_ptr<Shared> shared_;
    std::string wan_;
};

}  // namespace wanctl
