// A histogram with buckets that grow with the value: each holds values at most 1/32 apart, so a
// percentile from it is within 1.6 % of the value. It is merged exactly, bucket by bucket.
//
// As stored: for each bucket that holds something, in ascending order, two varints (seven bits a
// byte, lowest first, the eighth bit: more follow): the distance of its number from the one before
// (of the first: from 0) as a zigzag number (0, -1, 1, -2 ... are 0, 1, 2, 3 ...), and its count.
// The bucket of 0 <= v < 32 is v itself; above, with e = floor(log2 v) - 5, it is 32 * e + (v >>
// e); of a negative v it is the negative of that of -v.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wanctl::history {

class Histogram {
  public:
    void add(std::int64_t value, std::uint64_t count = 1);
    void add(const Histogram& other);
    // One as stored. False, and nothing is added, when it is none.
    bool add_stored(std::span<const unsigned char> stored);

    [[nodiscard]] std::string stored() const;
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // The middle of the bucket in which the share `q` of all values is reached; 0 when empty.
    [[nodiscard]] std::int64_t quantile(double q) const;
    [[nodiscard]] bool operator==(const Histogram&) const = default;

    [[nodiscard]] static std::int32_t bucket_of(std::int64_t value);
    [[nodiscard]] static std::int64_t middle_of(std::int32_t bucket);

  private:
    struct Filled {
        std::int32_t bucket;
        std::uint64_t count;

        bool operator==(const Filled&) const = default;
    };
    using Place = std::vector<Filled>::iterator;

    // At or behind `from`, made when there is none.
    Place place_of(Place from, std::int32_t bucket);

    std::vector<Filled> buckets_;  // ascending; none is empty
    std::uint64_t count_ = 0;
};

}  // namespace wanctl::history
