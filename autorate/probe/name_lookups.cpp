#include "autorate/probe/name_lookups.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace wanctl::probe {

NameLookups::NameLookups(const Clock& clock, const std::vector<HostNames::Name>& names,
                         LookUp look_up, Owner owner)
    : clock_(clock),
      names_(names),
      look_up_(std::move(look_up)),
      owner_(std::move(owner)),
      self_(std::make_shared<NameLookups*>(this)) {}

NameLookups::~NameLookups() {
    *self_ = nullptr;
}

void NameLookups::begin_due(SteadyTime now, std::uint16_t failing) {
    if (!look_up_) return;
    while (const auto* name = names_.due(now, failing)) {
        const bool begun = look_up_(name->text, [self = self_, name = *name](const auto& found) {
            if (*self != nullptr) (*self)->ended(name, found);
        });
        if (!begun) (void)names_.ended(now, name->host, {}, {});
    }
}

void NameLookups::ended(const HostNames::Name& name, std::vector<IpAddress> addresses) {
    addresses.erase(
        std::remove_if(addresses.begin(), addresses.end(),
                       [&](const IpAddress& a) { return !owner_.reaches(name.host, a.family()); }),
        addresses.end());
    const bool was_unknown = names_.unknown(name.host);
    const auto next = names_.ended(clock_.steady(), name.host, addresses, owner_.in_use(name.host));
    if (addresses.empty() && !was_unknown) {
        owner_.tell({owner_.about, false,
                     fmt::format("{}: no address is known for this name; asked again", name.text)});
    }
    if (!next) return;
    owner_.try_address(name.host, *next);
    // The same again means that it has not answered so far.
    if (std::exchange(told_.at(name.host), next) == next) return;
    owner_.tell({owner_.about, true, fmt::format("{}: is at {}", name.text, to_string(*next))});
}

}  // namespace wanctl::probe
