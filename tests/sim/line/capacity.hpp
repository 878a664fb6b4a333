// The true capacity of a line over time: a list of points, each held until the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.hpp"
#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::sim {

struct CapacityPoint {
    Nanos at{0};  // since the start of the trace
    Rate download;
    Rate upload;

    [[nodiscard]] Rate rate(Direction direction) const {
        return direction == Direction::download ? download : upload;
    }
    bool operator==(const CapacityPoint&) const = default;
};

// Never empty, first point at 0, times rising. Behind its period it starts again.
class CapacityTrace {
  public:
    // Throws std::invalid_argument when the points break the promise above.
    CapacityTrace(std::vector<CapacityPoint> points, Nanos period);

    [[nodiscard]] static CapacityTrace constant(Rate download, Rate upload);
    // Text of lines `t_s down_kbit up_kbit` (blanks or commas between, `#` begins a comment).
    // `name` is what an error calls the text. The last point lasts as long as the one before it.
    [[nodiscard]] static Result<CapacityTrace> parse(std::string_view text,
                                                     const std::string& name);
    [[nodiscard]] static Result<CapacityTrace> load(const std::string& path);
    // `demo`, `steps`, `lte`; `constant` and `jitter` need a capacity, see LineSpec.
    [[nodiscard]] static Result<CapacityTrace> generate(std::string_view generator,
                                                        std::uint64_t seed);

    [[nodiscard]] const std::vector<CapacityPoint>& points() const { return points_; }
    [[nodiscard]] Nanos period() const { return period_; }
    // Over one period, weighted by time: what a buffer given in milliseconds is measured with.
    [[nodiscard]] Rate mean(Direction direction) const;

  private:
    std::vector<CapacityPoint> points_;
    Nanos period_;
};

// Walks a trace forward in time. Refers to the trace, which must outlive it.
class CapacityCursor {
  public:
    explicit CapacityCursor(const CapacityTrace& trace) : trace_(&trace) {}
    // `now` must not go back.
    const CapacityPoint& at(Nanos now);

  private:
    const CapacityTrace* trace_;
    Nanos lap_{0};
    std::size_t index_ = 0;
};

}  // namespace wanctl::sim
