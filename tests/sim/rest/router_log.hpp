// /log: the router's memory log, the last lines only.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "common/clock.hpp"
#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

class RouterLog final : public Menu {
  public:
    RouterLog(const Clock& clock, std::size_t lines) : clock_(clock), lines_(lines) {}

    [[nodiscard]] bool has_names() const override { return false; }
    [[nodiscard]] bool knows(std::string_view command) const override;
    [[nodiscard]] bool needs_items(std::string_view) const override { return false; }
    [[nodiscard]] bool writes(std::string_view) const override { return false; }
    [[nodiscard]] std::vector<Record> records() const override;
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

    // Topics as RouterOS joins them: "system,info,account".
    void append(const std::string& topics, const std::string& message);
    void clear() { entries_.clear(); }
    void jump_clock(Nanos by) { jumped_ += by; }

  private:
    const Clock& clock_;
    std::size_t lines_;
    Nanos jumped_{0};  // the router's wall clock against the true one
    std::deque<Record> entries_;
    std::uint32_t next_id_ = 0;
};

}  // namespace wanctl::sim
