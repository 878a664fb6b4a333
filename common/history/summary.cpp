#include "common/history/summary.hpp"

#include <algorithm>
#include <cmath>

namespace wanctl::history {

std::string_view name(Evidence value) {
    switch (value) {
        case Evidence::exact:
            return "exact";
        case Evidence::histogram:
            return "histogram";
        case Evidence::averages:
            return "averages";
    }
    return {};
}

void PercentileSum::add_value(std::int64_t value) {
    if (evidence_ != Evidence::exact) {
        histogram_.add(value);
        return;
    }
    values_.push_back(value);
    if (values_.size() > kExact) {
        give_up_exactness();
        evidence_ = Evidence::histogram;
    }
}

void PercentileSum::add_bucket(const Amount& amount, std::span<const unsigned char> histogram) {
    if (amount.n == 0) return;
    give_up_exactness();
    if (!histogram.empty() && histogram_.add_stored(histogram)) {
        evidence_ = std::max(evidence_, Evidence::histogram);
        return;
    }
    histogram_.add(std::llround(amount.mean()), static_cast<std::uint64_t>(amount.n));
    evidence_ = Evidence::averages;
}

void PercentileSum::give_up_exactness() {
    for (const std::int64_t value : values_) histogram_.add(value);
    values_ = {};
}

std::optional<Percentiles> PercentileSum::result(const Amount& all) {
    if (all.n == 0) return std::nullopt;
    const auto exact = [this](double q) {
        const auto count = values_.size();
        const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(count)));
        const auto place = values_.begin() +
                           static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, count) - 1);
        std::nth_element(values_.begin(), place, values_.end());
        return *place;
    };
    const auto at = [&](double q) {
        const std::int64_t value = evidence_ == Evidence::exact ? exact(q) : histogram_.quantile(q);
        // A bucket's middle may lie beyond the least or the greatest of its values.
        return static_cast<double>(std::clamp(value, all.min, all.max));
    };
    return Percentiles{at(0.50), at(0.95), at(0.99), evidence_};
}

Result<std::optional<Summary>> summarize(HistoryFile& file, const Span& span) {
    auto rows = RowCursor::open(file, span, true);
    if (!rows) return tl::unexpected(rows.error());
    Summary summary;
    std::array<PercentileSum, kMaxQuantities> sums;
    const std::size_t quantities = file.layout().quantities.size();
    std::int64_t end = 0;
    for (;;) {
        const auto row = rows->next();
        if (!row) return tl::unexpected(row.error());
        if (*row == nullptr) break;
        const Bucket& bucket = **row;
        if (summary.total.cycles == 0) summary.total.at_ms = bucket.at_ms;
        end = std::max(end, bucket.at_ms + std::max<std::int64_t>(bucket.length_ms, 1));
        auto& lengths = summary.granularities;
        if (std::ranges::find(lengths, bucket.length_ms) == lengths.end())
            lengths.push_back(bucket.length_ms);
        for (std::size_t i = 0; i < quantities; ++i) {
            const Amount& amount = bucket.amount[i];
            if (bucket.length_ms != 0)
                sums[i].add_bucket(amount, bucket.histogram[i]);
            else if (amount.n != 0)
                sums[i].add_value(amount.sum);
        }
        summary.total.add(bucket);
    }
    if (summary.total.cycles == 0) return std::nullopt;
    summary.total.length_ms = end - summary.total.at_ms;
    std::ranges::sort(summary.granularities);
    for (std::size_t i = 0; i < quantities; ++i)
        summary.percentiles[i] = sums[i].result(summary.total.amount[i]);
    return summary;
}

}  // namespace wanctl::history
