#include "tests/sim/line/capacity.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/line/random.hpp"

namespace wanctl::sim {

namespace {

constexpr Nanos kForever = std::chrono::hours(24 * 365);

Nanos seconds(double value) {
    return from_ms(value * 1000.0);
}
Rate mbit(double value) {
    return Rate{static_cast<std::int64_t>(value * 1e6)};
}

// Numbers of one line; nullopt-like empty result for a line without any.
std::vector<double> numbers(std::string_view line, bool& good) {
    std::vector<double> found;
    const char* at = line.data();
    const char* end = line.data() + line.size();
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == ',' || c == '\r'; };
    while (true) {
        at = std::find_if_not(at, end, is_blank);
        if (at == end || *at == '#') return found;
        double value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc() || (next != end && !is_blank(*next) && *next != '#')) {
            good = false;
            return found;
        }
        found.push_back(value);
        at = next;
    }
}

// Ten steps of 7 to 14 s in both directions, each one at least by a quarter up or down.
CapacityTrace demo_trace() {
    constexpr struct {
        double seconds, down, up;
    } kSteps[] = {{8, 50, 10}, {10, 25, 5},  {9, 45, 8}, {12, 20, 4}, {10, 60, 12},
                  {8, 30, 6},  {11, 55, 11}, {9, 35, 7}, {12, 22, 5}, {11, 40, 9}};
    std::vector<CapacityPoint> points;
    double at = 0;
    for (const auto& step : kSteps) {
        points.push_back({seconds(at), mbit(step.down), mbit(step.up)});
        at += step.seconds;
    }
    return {std::move(points), seconds(at)};
}

CapacityTrace steps_trace(Random& random) {
    std::vector<CapacityPoint> points;
    double at = 0;
    while (at < 600) {
        points.push_back(
            {seconds(at), mbit(20 + 40 * random.uniform()), mbit(4 + 8 * random.uniform())});
        at += 5 + 10 * random.uniform();
    }
    return {std::move(points), seconds(at)};
}

// A walk of the logarithm that is pulled back to its middle, one point each 100 ms, with now and
// then a fade to a tenth for up to a second: the coarse features of a moving LTE modem.
CapacityTrace lte_trace(Random& random) {
    std::vector<CapacityPoint> points;
    double down = 0;
    double up = 0;
    int fade = 0;
    const auto walk = [&random](double value) {
        return std::clamp(0.99 * value + 0.3 * (random.uniform() - 0.5), -1.5, 1.5);
    };
    for (int i = 0; i < 6000; ++i) {
        down = walk(down);
        up = walk(up);
        if (fade > 0)
            --fade;
        else if (random.uniform() < 0.002)
            fade = 1 + static_cast<int>(10 * random.uniform());
        const double depth = fade > 0 ? 0.1 : 1.0;
        points.push_back({std::chrono::milliseconds(100) * i, mbit(30 * depth * std::exp2(down)),
                          mbit(8 * depth * std::exp2(up))});
    }
    return {std::move(points), std::chrono::minutes(10)};
}

}  // namespace

CapacityTrace::CapacityTrace(std::vector<CapacityPoint> points, Nanos period)
    : points_(std::move(points)), period_(period) {
    const auto rising = [](const auto& a, const auto& b) { return a.at >= b.at; };
    if (points_.empty() || points_.front().at != Nanos(0) || points_.back().at >= period_ ||
        std::adjacent_find(points_.begin(), points_.end(), rising) != points_.end()) {
        throw std::invalid_argument("a capacity trace begins at 0 and rises in time");
    }
    for (const auto& point : points_) {
        if (point.download.bps < 0 || point.upload.bps < 0) {
            throw std::invalid_argument("a capacity is not negative");
        }
    }
}

CapacityTrace CapacityTrace::constant(Rate download, Rate upload) {
    return {{{Nanos(0), download, upload}}, kForever};
}

Result<CapacityTrace> CapacityTrace::parse(std::string_view text, const std::string& name) {
    std::vector<CapacityPoint> points;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        bool good = true;
        const auto found = numbers(line, good);
        if (good && found.empty()) continue;
        constexpr double kLimit = 1e9;
        const auto outside = [](double v) { return !(v >= 0 && v <= kLimit); };
        if (!good || found.size() != 3 || std::any_of(found.begin(), found.end(), outside)) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}:{}: three numbers `t_s down_kbit up_kbit` of 0 to 1e9 are "
                                    "expected",
                                    name, number));
        }
        const CapacityPoint point{seconds(found[0]), mbit(found[1] / 1e3), mbit(found[2] / 1e3)};
        if (points.empty() ? point.at != Nanos(0) : point.at <= points.back().at) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}:{}: the time must begin at 0 and rise from line to line",
                                    name, number));
        }
        points.push_back(point);
    }
    if (points.empty()) {
        return fail(ErrorKind::invalid_input, fmt::format("{}: has no line with numbers", name));
    }
    if (points.size() == 1) return constant(points[0].download, points[0].upload);
    const Nanos last = points.back().at;
    const Nanos period = last + (last - points[points.size() - 2].at);
    return CapacityTrace(std::move(points), period);
}

Result<CapacityTrace> CapacityTrace::load(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        return fail(ErrorKind::not_found, fmt::format("{}: the trace cannot be opened", path));
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse(text.str(), path);
}

Result<CapacityTrace> CapacityTrace::generate(std::string_view generator, std::uint64_t seed) {
    Random random(seed);
    if (generator == "demo") return demo_trace();
    if (generator == "steps") return steps_trace(random);
    if (generator == "lte") return lte_trace(random);
    return fail(ErrorKind::invalid_input,
                fmt::format("generator \"{}\" is unknown; known are demo, steps, lte", generator));
}

Rate CapacityTrace::mean(Direction direction) const {
    double bits = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        const Nanos end = i + 1 < points_.size() ? points_[i + 1].at : period_;
        bits +=
            static_cast<double>(points_[i].rate(direction).bps) * to_seconds(end - points_[i].at);
    }
    return Rate{static_cast<std::int64_t>(bits / to_seconds(period_))};
}

const CapacityPoint& CapacityCursor::at(Nanos now) {
    const auto& points = trace_->points();
    while (now - lap_ >= trace_->period()) {
        lap_ += trace_->period();
        index_ = 0;
    }
    while (index_ + 1 < points.size() && points[index_ + 1].at <= now - lap_) ++index_;
    return points[index_];
}

}  // namespace wanctl::sim
