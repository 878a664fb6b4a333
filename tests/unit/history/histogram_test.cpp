#include "common/history/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

using wanctl::history::Histogram;

namespace {

std::span<const unsigned char> bytes(const std::string& text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("a bucket's middle is within 2 % of every value in it, and buckets are in order") {
    std::int32_t before = Histogram::bucket_of(-3'000'000);
    for (std::int64_t value = -3'000'000; value < 3'000'000; value += 23) {
        const std::int32_t bucket = Histogram::bucket_of(value);
        const double away = std::fabs(static_cast<double>(Histogram::middle_of(bucket) - value));
        REQUIRE(away <= 0.0157 * std::fabs(static_cast<double>(value)));
        REQUIRE(bucket >= before);
        before = bucket;
    }
    for (const std::int64_t value :
         {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        Histogram one;
        one.add(value);
        Histogram again;
        CHECK(again.add_stored(bytes(one.stored())));
        CHECK(again == one);
    }
}

TEST_CASE("merged histograms equal one of all values, stored or not") {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> rtt(10.0, 1.0);
    Histogram all;
    Histogram merged;
    std::vector<std::int64_t> values;
    for (int part = 0; part < 20; ++part) {
        Histogram piece;
        for (int i = 0; i < 500; ++i) {
            const auto value = static_cast<std::int64_t>(rtt(random)) - 5'000;
            values.push_back(value);
            all.add(value);
            piece.add(value);
        }
        REQUIRE(merged.add_stored(bytes(piece.stored())));
    }
    CHECK(merged == all);
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
        const auto place = static_cast<std::size_t>(
            std::max(std::ceil(q * static_cast<double>(values.size())), 1.0) - 1);
        INFO(q);
        const auto exact = static_cast<double>(values[place]);
        CHECK(std::fabs(static_cast<double>(all.quantile(q)) - exact) <=
              0.02 * std::fabs(exact) + 0.5);
    }
    CHECK(all.stored().size() < 2'000);
}

TEST_CASE("what is no histogram is refused whole") {
    Histogram histogram;
    histogram.add(5);
    const Histogram before = histogram;
    for (const std::string& bad : {std::string("\x02", 1),                 // no count
                                   std::string("\x02\x00", 2),             // nothing in the bucket
                                   std::string("\x80", 1),                 // endless
                                   std::string(12, '\xff'),                // too long a number
                                   std::string("\x02\x01\x00\x01", 4),     // the same bucket again
                                   std::string("\x02\x01\x01\x01", 4),     // backwards
                                   std::string("\xff\xff\x7f\x01", 4)}) {  // beyond all buckets
        CHECK_FALSE(histogram.add_stored(bytes(bad)));
        CHECK(histogram == before);
    }
    CHECK(histogram.add_stored({}));
    CHECK(Histogram().quantile(0.5) == 0);
}
