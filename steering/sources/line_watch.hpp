// Both lines' rings on an event loop: calls back when one of them has something new.
#pragma once

#include <sys/types.h>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/record/steering_record.hpp"
#include "steering/sources/line_source.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl::steering {

class LineWatch {
  public:
    // Names by SteeredWan. Throws std::system_error when the system refuses a thread or a file.
    LineWatch(boost::asio::io_context& loop, const std::array<std::string, 2>& names,
              const std::vector<uid_t>& owners);
    ~LineWatch();
    LineWatch(const LineWatch&) = delete;
    LineWatch& operator=(const LineWatch&) = delete;

    // Calls `on_record` from the loop after a doorbell; stop() ends that.
    void start(std::function<void()> on_record);
    void stop();

    // Judges the writers, and attaches to rings that have appeared: see LineSource::look().
    void look(SteadyTime now);

    [[nodiscard]] LineSource& line(SteeredWan wan);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::steering
