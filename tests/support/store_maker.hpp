// A history's file made up by a test: slots whose values follow from their numbers, kept as raw
// rows or as rows of a tier, so that what a reader must find can be computed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/history/layout.hpp"

struct sqlite3;

namespace wanctl::test {

inline constexpr std::int64_t kSlotMs = 50;

struct MadeSlot {
    std::int64_t rtt_us;
    std::int64_t baseline_us;
    std::int64_t down_bps;
    std::int64_t up_bps;
    int down_zone;
    int up_zone;
};
// RTT from 20 ms to 120 ms, evenly and in no order; every 50th slot has none (0). YELLOW in 5 of
// 100 slots of the download, RED in 1; the upload is GREEN.
[[nodiscard]] MadeSlot made_slot(std::int64_t number);

class StoreMaker {
  public:
    explicit StoreMaker(const std::string& path,
                        const history::Layout& layout = history::cycle_layout(),
                        const std::string& wan = "cable");

    void run(const std::string& sql);
    // The slots of [from_ms, to_ms), one row each.
    void add_raw(std::int64_t from_ms, std::int64_t to_ms);
    // The same slots as rows of a tier; both times are multiples of its length.
    void add_tier(const history::Tier& tier, std::int64_t from_ms, std::int64_t to_ms);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace wanctl::test
