// /system/identity and /system/resource: two menus of one record each.
#pragma once

#include <cstdint>
#include <string>

#include "common/clock.hpp"
#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

class SystemIdentity final : public Menu {
  public:
    explicit SystemIdentity(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] bool singleton() const override { return true; }
    [[nodiscard]] bool has_names() const override { return false; }
    [[nodiscard]] bool knows(std::string_view command) const override { return command == "set"; }
    [[nodiscard]] std::vector<Record> records() const override { return {{{"name", name_}}}; }
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

  private:
    std::string name_;
};

// Counts the sectors which changes of the configuration write to flash.
class SystemResource final : public Menu {
  public:
    SystemResource(const Clock& clock, std::string version);

    [[nodiscard]] bool singleton() const override { return true; }
    [[nodiscard]] bool has_names() const override { return false; }
    [[nodiscard]] bool knows(std::string_view) const override { return false; }
    [[nodiscard]] std::vector<Record> records() const override;
    [[nodiscard]] Outcome<void> run(const std::string& command, const std::string& id,
                                    const Settings& settings, const std::string& by) override;

    void wrote_sectors(std::uint64_t sectors);
    void set_cpu_load(int percent) { cpu_load_ = percent; }
    void reboot();

  private:
    const Clock& clock_;
    std::string version_;
    SteadyTime booted_;
    std::uint64_t sectors_since_reboot_ = 0;
    std::uint64_t sectors_total_ = 0;
    int cpu_load_ = 3;
};

}  // namespace wanctl::sim
