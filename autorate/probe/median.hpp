// The median of a few values.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace wanctl::probe {

// Of the first `n` values, at least one, which it reorders; of an even number the mean of the two
// in the middle.
template <typename T, std::size_t N>
[[nodiscard]] T median(std::array<T, N>& values, std::size_t n) {
    const auto begin = values.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(n);
    const auto upper = begin + static_cast<std::ptrdiff_t>(n / 2);
    std::nth_element(begin, upper, end);
    if (n % 2 != 0) return *upper;
    return (*std::max_element(begin, upper) + *upper) / 2;
}

}  // namespace wanctl::probe
