#include "common/history/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace wanctl::history {

namespace {

constexpr int kBits = 5;
constexpr std::int64_t kStep = 1 << kBits;
constexpr std::int32_t kLargestBucket = 32 * (62 - kBits) + 63;

void put(std::string& to, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) to.push_back(static_cast<char>(value | 0x80U));
    to.push_back(static_cast<char>(value));
}

// False at the end of what is there.
inline bool take(std::span<const unsigned char>& from, std::uint64_t& value) {
    const unsigned char* at = from.data();
    const unsigned char* const end = at + from.size();
    value = 0;
    for (unsigned shift = 0; shift < 63 && at != end; shift += 7) {
        const unsigned char byte = *at++;
        value |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80) {
            from = {at, end};
            return true;
        }
    }
    return false;
}

}  // namespace

std::int32_t Histogram::bucket_of(std::int64_t value) {
    if (value < 0) {
        return -bucket_of(value == std::numeric_limits<std::int64_t>::min()
                              ? std::numeric_limits<std::int64_t>::max()
                              : -value);
    }
    if (value < kStep) return static_cast<std::int32_t>(value);
    const int e = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value))) - 1 - kBits;
    return static_cast<std::int32_t>(kStep * e + (value >> e));
}

std::int64_t Histogram::middle_of(std::int32_t bucket) {
    if (bucket < 0) return -middle_of(-bucket);
    if (bucket < 2 * kStep) return bucket;
    const int e = bucket / 32 - 1;
    const std::int64_t low = std::int64_t{bucket - 32 * e} << e;
    return low + (std::int64_t{1} << e) / 2;
}

Histogram::Place Histogram::place_of(Place from, std::int32_t bucket) {
    // What is merged ascends as well, and has mostly the same buckets.
    while (from != buckets_.end() && from->bucket < bucket) ++from;
    const bool there = from != buckets_.end() && from->bucket == bucket;
    return there ? from : buckets_.insert(from, Filled{bucket, 0});
}

void Histogram::add(std::int64_t value, std::uint64_t count) {
    if (count == 0) return;
    const std::int32_t bucket = bucket_of(value);
    const auto from = std::ranges::lower_bound(buckets_, bucket, {}, &Filled::bucket);
    place_of(from, bucket)->count += count;
    count_ += count;
}

void Histogram::add(const Histogram& other) {
    auto place = buckets_.begin();
    for (const auto& [bucket, count] : other.buckets_) {
        place = place_of(place, bucket);
        place->count += count;
    }
    count_ += other.count_;
}

bool Histogram::add_stored(std::span<const unsigned char> stored) {
    std::vector<Filled> found;
    found.reserve(stored.size() / 2);
    std::int64_t bucket = 0;
    while (!stored.empty()) {
        std::uint64_t distance = 0;
        std::uint64_t count = 0;
        if (!take(stored, distance) || !take(stored, count) || count == 0) return false;
        const auto half = static_cast<std::int64_t>(distance >> 1U);
        if (half > std::int64_t{2} * kLargestBucket) return false;
        bucket += (distance & 1U) == 0 ? half : -half - 1;
        if (bucket > kLargestBucket || bucket < -kLargestBucket) return false;
        if (!found.empty() && bucket <= found.back().bucket) return false;
        found.push_back({static_cast<std::int32_t>(bucket), count});
    }
    auto place = buckets_.begin();
    for (const auto& [number, count] : found) {
        place = place_of(place, number);
        place->count += count;
        count_ += count;
    }
    return true;
}

std::string Histogram::stored() const {
    std::string text;
    std::int64_t before = 0;
    for (const auto& [bucket, count] : buckets_) {
        const std::int64_t distance = bucket - before;
        put(text, distance >= 0 ? static_cast<std::uint64_t>(distance) * 2
                                : static_cast<std::uint64_t>(-distance) * 2 - 1);
        put(text, count);
        before = bucket;
    }
    return text;
}

std::int64_t Histogram::quantile(double q) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::fmin(
        std::fmax(std::ceil(q * static_cast<double>(count_)), 1.0), static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (const auto& [bucket, count] : buckets_) {
        seen += count;
        if (seen >= wanted) return middle_of(bucket);
    }
    return middle_of(buckets_.back().bucket);
}

}  // namespace wanctl::history
