#include "common/log/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

namespace wanctl {

namespace {

namespace level = spdlog::level;

level::level_enum to_spdlog(LogLevel value) {
    switch (value) {
        case LogLevel::debug:
            return level::debug;
        case LogLevel::info:
            return level::info;
        case LogLevel::warning:
            return level::warn;
        case LogLevel::error:
            break;
    }
    return level::err;
}

// The syslog priority that journald takes off a line's front.
char priority(level::level_enum value) {
    switch (value) {
        case level::debug:
            return '7';
        case level::info:
            return '6';
        case level::warn:
            return '4';
        default:
            return '3';
    }
}

// One line, one write, and none that would wait.
class FdSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit FdSink(const LogOptions& options)
        : fd_(options.fd), journal_(options.journal), json_(options.format == LogFormat::json) {}

    [[nodiscard]] bool json() const noexcept { return json_.load(std::memory_order_relaxed); }
    void set_json(bool json) noexcept { json_.store(json, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t lost() const noexcept {
        return lost_.load(std::memory_order_relaxed);
    }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        pollfd writable{fd_, POLLOUT, 0};
        if (::poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) {
            lose();
            return;
        }
        if (unsaid_ != 0) {
            constexpr std::string_view kText = "log lines were lost because nobody read them";
            const LogField count("count", unsaid_);
            const std::span<const LogField> fields(&count, 1);
            const std::string line =
                json() ? json_members(kText, fields) : text_line(kText, fields);
            spdlog::details::log_msg notice(message.time, {}, message.logger_name, level::warn,
                                            line);
            unsaid_ = 0;
            put(notice);
        }
        put(message);
    }
    void flush_() override {}

  private:
    void put(const spdlog::details::log_msg& message) {
        spdlog::memory_buf_t line;
        if (journal_) {
            const char prefix[] = {'<', priority(message.level), '>'};
            line.append(prefix, prefix + sizeof prefix);
        }
        formatter_->format(message, line);
        for (;;) {
            const ssize_t put_out = ::write(fd_, line.data(), line.size());
            if (put_out >= 0) return;
            if (errno == EINTR) continue;
            lose();
            return;
        }
    }

    void lose() {
        ++unsaid_;
        lost_.fetch_add(1, std::memory_order_relaxed);
    }

    int fd_;
    bool journal_;
    std::atomic<bool> json_;
    std::uint64_t unsaid_ = 0;  // lost and not told yet
    std::atomic<std::uint64_t> lost_{0};
};

std::unique_ptr<spdlog::formatter> formatter(LogFormat format, bool journal) {
    const char* pattern = format == LogFormat::json
                              ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}"
                          : journal ? "%v"
                                    : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    return std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc,
                                                       "\n");
}

}  // namespace

struct Log::Output {
    explicit Output(const LogOptions& options)
        : sink(std::make_shared<FdSink>(options)), logger("", sink), journal(options.journal) {
        sink->set_formatter(formatter(options.format, journal));
        logger.set_level(level::trace);
    }

    std::shared_ptr<FdSink> sink;
    spdlog::logger logger;
    bool journal;
};

LogOptions log_options(const LogConfig& config) {
    return {config.level, config.format, STDERR_FILENO,
            is_journal(std::getenv("JOURNAL_STREAM"), STDERR_FILENO)};
}

bool is_journal(const char* journal_stream, int fd) {
    struct stat status {};
    if (journal_stream == nullptr || ::fstat(fd, &status) != 0) return false;
    return fmt::format("{}:{}", status.st_dev, status.st_ino) == journal_stream;
}

Log::Log(const LogOptions& options, const Clock& clock)
    : clock_(clock), shared_(new Shared{{options.level}, std::make_unique<Output>(options)}) {}

Log::Log(const Log& whole, std::string wan)
    : clock_(whole.clock_), shared_(whole.shared_), wan_(std::move(wan)) {}

Log::~Log() = default;

void Log::write(LogLevel line_level, std::string_view message, Fields fields) {
    std::vector<LogField> all(fields);
    if (!wan_.empty()) all.emplace_back("wan", wan_);
    Output& output = *shared_->output;
    const std::string line =
        output.sink->json() ? json_members(message, all) : text_line(message, all);
    const auto now = std::chrono::time_point_cast<spdlog::log_clock::duration>(clock_.wall());
    output.logger.log(now, {}, to_spdlog(line_level), line);
}

// A line made by another thread in this very moment may still be of the old kind.
void Log::set_format(LogFormat format) {
    Output& output = *shared_->output;
    if (output.sink->json() == (format == LogFormat::json)) return;
    output.sink->set_json(format == LogFormat::json);
    output.sink->set_formatter(formatter(format, output.journal));
}

std::uint64_t Log::lost() const noexcept {
    return shared_->output->sink->lost();
}

}  // namespace wanctl
