// What a span amounts to: least, mean, percentiles and greatest of each quantity, and the shares of
// time in each zone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/history/histogram.hpp"
#include "common/history/layout.hpp"
#include "common/history/reader.hpp"

namespace wanctl::history {

// What percentiles rest on.
enum class Evidence : std::uint8_t {
    exact = 0,      // every value, as it was
    histogram = 1,  // the buckets' histograms: within 1.6 % of the value
    averages = 2,   // the buckets' averages, as there are no histograms of that quantity
};
[[nodiscard]] std::string_view name(Evidence value);

struct Percentiles {
    double p50 = 0;
    double p95 = 0;
    double p99 = 0;
    Evidence evidence = Evidence::exact;
};

struct Summary {
    Bucket total;  // at_ms and length_ms: from the first row's begin to the last one's
    std::vector<std::int64_t> granularities;  // of the rows, finest first
    // In the layout's unit; nothing without values.
    std::array<std::optional<Percentiles>, kMaxQuantities> percentiles{};
};

// Of one quantity. Up to kExact values are kept as they are.
class PercentileSum {
  public:
    static constexpr std::size_t kExact = 2'000'000;

    void add_value(std::int64_t value);
    void add_bucket(const Amount& amount, std::span<const unsigned char> histogram);
    // Ends the adding.
    [[nodiscard]] std::optional<Percentiles> result(const Amount& all);

  private:
    void give_up_exactness();

    std::vector<std::int64_t> values_;
    Histogram histogram_;
    Evidence evidence_ = Evidence::exact;
};

// Reads the span in one transaction. Nothing when no row is in it.
[[nodiscard]] Result<std::optional<Summary>> summarize(HistoryFile& file, const Span& span);

}  // namespace wanctl::history
