#include "common/record/cycle_facts.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "common/record/field_part.hpp"
#include "common/record/record_abi.hpp"

namespace wanctl {
namespace {

static_assert(sizeof(CycleFacts) == kFactsBytes);
static_assert(std::is_trivially_copyable_v<CycleFacts>);
static_assert(std::is_standard_layout_v<CycleFacts>);
static_assert(std::has_unique_object_representations_v<CycleFacts>);

#define WANCTL_FACT(member, ...) WANCTL_PART("", #member, CycleFacts, 0, member, __VA_ARGS__)

constexpr FieldRole kPerIndex = FieldRole::per_index;

constexpr auto kFields = std::to_array<FieldInfo>({
    WANCTL_FACT(real_ns, "ns", "CLOCK_REALTIME when these facts were written"),
    WANCTL_FACT(ceiling_bps, "bit/s", "highest limit", kPerIndex, &names::kDirection),
    WANCTL_FACT(download_floor_bps, "bit/s", "lowest limit in each zone", kPerIndex, &names::kZone),
    WANCTL_FACT(upload_floor_bps, "bit/s", "lowest limit in each zone", kPerIndex, &names::kZone),
    WANCTL_FACT(target_ns, "ns", "RTT delta above which GREEN ends"),
    WANCTL_FACT(warn_ns, "ns", "RTT delta above which YELLOW ends"),
    WANCTL_FACT(hard_red_ns, "ns", "RTT delta above which SOFT_RED ends"),
    WANCTL_FACT(baseline_initial_ns, "ns", "baseline configured to begin with"),
    WANCTL_FACT(baseline_min_ns, "ns", "least baseline believed"),
    WANCTL_FACT(baseline_max_ns, "ns", "greatest baseline believed"),
    WANCTL_FACT(router, "", "where the router is asked"),
    WANCTL_FACT(queue, "", "the queues' names on the router", kPerIndex, &names::kDirection),
    WANCTL_FACT(interface, "", "interface of the echoes, empty = by route"),
    WANCTL_FACT(reflector, "", "addresses, in the order of the record's bits"),
    WANCTL_FACT(reserved, "", "zero", FieldRole::reserved),
});

#undef WANCTL_FACT

static_assert(covers(kFields, sizeof(CycleFacts)), "a byte of the facts is untold or told twice");

}  // namespace

std::span<const FieldInfo> cycle_facts_fields() {
    return kFields;
}

void put_fact(std::span<char> place, std::string_view text) {
    std::ranges::fill(place, '\0');
    std::memcpy(place.data(), text.data(), std::min(text.size(), place.size() - 1));
}

std::string_view fact_text(std::span<const char> place) {
    return {place.data(), ::strnlen(place.data(), place.size())};
}

}  // namespace wanctl
