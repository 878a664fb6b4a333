// The names among some hosts, looked up by the helper thread whenever HostNames says so. What is
// found is told and handed to the hosts' owner.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "autorate/notice.hpp"
#include "autorate/probe/host_names.hpp"
#include "autorate/probe/look_up.hpp"
#include "common/clock.hpp"

namespace wanctl::probe {

class NameLookups {
  public:
    struct Owner {
        std::string_view about;  // of the notices
        // Address of the host, if it has one by now.
        std::function<std::optional<IpAddress>(std::uint8_t host)> in_use;
        std::function<bool(std::uint8_t host, IpFamily family)> reaches;
        // A new address, to be used in place of the old one once it answers.
        std::function<void(std::uint8_t host, IpAddress address)> try_address;
        TellNotice tell;
    };

    // `clock` outlives it. Without `look_up` nothing is ever found.
    NameLookups(const Clock& clock, const std::vector<HostNames::Name>& names, LookUp look_up,
                Owner owner);
    ~NameLookups();
    NameLookups(const NameLookups&) = delete;
    NameLookups& operator=(const NameLookups&) = delete;

    // Begins what is due. `failing`: bit i, host i does not answer. The owner is called later, from
    // the loop, and never after the destructor.
    void begin_due(SteadyTime now, std::uint16_t failing);

  private:
    static constexpr std::size_t kMostHosts = 16;

    void ended(const HostNames::Name& name, std::vector<IpAddress> addresses);

    const Clock& clock_;
    HostNames names_;
    std::array<std::optional<IpAddress>, kMostHosts> told_{};
    LookUp look_up_;
    Owner owner_;
    std::shared_ptr<NameLookups*> self_;  // for lookups that end after it
};

}  // namespace wanctl::probe
