// The words for every enumeration a record can hold, in the order of their numbers: one place for
// the tool, the JSON, the self-description and the logs. Append only, like the enumerations
// themselves.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace wanctl {

// A named list of words; the index is the value (or the bit, or the array index).
struct NameTable {
    std::string_view name;
    std::span<const std::string_view> values;

    // Empty for a value beyond the table: it came from a newer writer, or from nowhere good.
    [[nodiscard]] constexpr std::string_view of(std::uint64_t value) const {
        return value < values.size() ? values[static_cast<std::size_t>(value)] : std::string_view{};
    }
};

namespace names {

inline constexpr std::array<std::string_view, 2> kDirectionWords{"download", "upload"};
inline constexpr std::array<std::string_view, 4> kZoneWords{"GREEN", "YELLOW", "SOFT_RED", "RED"};
inline constexpr std::array<std::string_view, 4> kMeasurementWords{"none", "fresh", "blind",
                                                                   "blackout"};
inline constexpr std::array<std::string_view, 5> kSampleWords{"reply", "pending", "tcp", "last",
                                                              "late"};
inline constexpr std::array<std::string_view, 5> kFallbackWords{"off", "dead", "gateway_only",
                                                                "tcp", "tcp_frozen"};
inline constexpr std::array<std::string_view, 3> kStampWords{"kernel", "kernel_rx", "user"};
inline constexpr std::array<std::string_view, 11> kRouterWords{
    "unknown",         "ok",        "unreachable", "unauthorized", "forbidden", "queue_missing",
    "queue_ambiguous", "bad_reply", "failing",     "untrusted",    "late"};
inline constexpr std::array<std::string_view, 5> kWriteWords{"none", "applied", "differs",
                                                             "refused", "unreachable"};
inline constexpr std::array<std::string_view, 10> kReasonWords{
    "none",          "exceeded_hard_red", "exceeded_soft_red", "exceeded_green",
    "exceeded_warn", "exceeded_target",   "below_green",       "at_green",
    "below_target",  "at_target"};
inline constexpr std::array<std::string_view, 2> kEvidenceWords{"unknown", "rtt"};
inline constexpr std::array<std::string_view, 4> kBaselineWords{"following", "held", "moved",
                                                                "out_of_bounds"};
inline constexpr std::array<std::string_view, 4> kFlagWords{"stopping", "download_changed",
                                                            "upload_changed", "write_pending"};
inline constexpr std::array<std::string_view, 7> kLawFlagWords{
    "outlier",           "spike",           "download_dwell", "upload_dwell",
    "download_deadband", "upload_deadband", "soft_red_decay"};
inline constexpr std::array<std::string_view, 6> kStageWords{"send",    "receive", "decide",
                                                             "actuate", "publish", "slot_cpu"};

inline constexpr NameTable kDirection{"direction", kDirectionWords};
inline constexpr NameTable kZone{"zone", kZoneWords};
inline constexpr NameTable kMeasurement{"measurement", kMeasurementWords};
inline constexpr NameTable kSample{"sample", kSampleWords};
inline constexpr NameTable kFallback{"fallback", kFallbackWords};
inline constexpr NameTable kStamp{"stamp", kStampWords};
inline constexpr NameTable kRouter{"router", kRouterWords};
inline constexpr NameTable kWrite{"write", kWriteWords};
inline constexpr NameTable kReason{"reason", kReasonWords};
inline constexpr NameTable kEvidence{"evidence", kEvidenceWords};
inline constexpr NameTable kBaseline{"baseline", kBaselineWords};
inline constexpr NameTable kFlag{"flag", kFlagWords};
inline constexpr NameTable kLawFlag{"law_flag", kLawFlagWords};
inline constexpr NameTable kStage{"stage", kStageWords};

// A number no enumerator has can only come from a cast of foreign data: it is named as such.
template <typename Enum>
[[nodiscard]] constexpr std::string_view word(const NameTable& table, Enum value) {
    const std::string_view text = table.of(static_cast<std::uint64_t>(value));
    return text.empty() ? std::string_view("invalid") : text;
}

}  // namespace names
}  // namespace wanctl
