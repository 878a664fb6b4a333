#include "autorate/probe/tcp_offset.hpp"

#include <algorithm>

namespace wanctl::probe {

void TcpOffset::learn(std::size_t target, Nanos connect, Nanos echo) {
    Lessons& lessons = lessons_.at(target);
    lessons.difference[lessons.count++ % kWindow] = connect - echo;
}

std::optional<Nanos> TcpOffset::of(std::size_t target) const {
    const Lessons& lessons = lessons_.at(target);
    if (lessons.count == 0) return std::nullopt;
    const auto begin = lessons.difference.begin();
    return *std::min_element(begin,
                             begin + static_cast<std::ptrdiff_t>(std::min(lessons.count, kWindow)));
}

}  // namespace wanctl::probe
