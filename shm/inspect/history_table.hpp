// A history as text for the operator: local times with their offset, ms and Mbit/s.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/history/choice.hpp"
#include "common/history/happenings.hpp"
#include "common/history/reader.hpp"
#include "common/history/summary.hpp"

namespace wanctl::inspect {

// "cable, 2026-11-21 09:00:00+01:00 to 2026-11-21 10:00:00+01:00"
[[nodiscard]] std::string span_text(const history::HistoryFile& file, const history::Span& span);
[[nodiscard]] std::string granularities_text(const std::vector<std::int64_t>& granularities);

// One line a row; the columns for which `step_ms` rows have nothing of their own are left out.
class RowTable {
  public:
    RowTable(const history::Layout& layout, const history::Choice& choice, std::int64_t step_ms)
        : layout_(layout), choice_(choice), raw_(step_ms == 0) {}
    [[nodiscard]] std::string header() const;
    [[nodiscard]] std::string line(const history::Bucket& bucket) const;

  private:
    const history::Layout& layout_;
    history::Choice choice_;
    bool raw_;
};

[[nodiscard]] std::string summary_text(const history::Layout& layout, const history::Choice& choice,
                                       const history::Span& span, const history::Summary& summary);
[[nodiscard]] std::string transition_line(const history::Layout& layout,
                                          const history::StoredTransition& transition);
[[nodiscard]] std::string event_line(const history::StoredEvent& event);

}  // namespace wanctl::inspect
