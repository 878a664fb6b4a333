#include "common/history/rows_sql.hpp"

#include <fmt/format.h>

namespace wanctl::history {

namespace {

std::string raw_rows_sql(const Layout& layout) {
    std::string sql = "SELECT at_ms, span_us";
    for (const Quantity& each : layout.quantities) sql += ", " + raw_column(each);
    for (const Axis& each : layout.axes) sql += fmt::format(", {}", each.column);
    return sql + " FROM cycles WHERE at_ms >= ?1 AND at_ms < ?2 ORDER BY at_ms, slot";
}

std::string tier_rows_sql(const Layout& layout, const Tier& tier, bool histograms) {
    std::string sql = "SELECT at_ms, span_us, cycles";
    for (const Quantity& each : layout.quantities) {
        sql += fmt::format(", {0}_n, {0}_min, {0}_sum, {0}_max", each.stem);
        if (histograms && each.histogram) sql += fmt::format(", {}_hist", each.stem);
    }
    for (const Axis& axis : layout.axes)
        for (const std::string_view zone : axis.zones)
            sql += fmt::format(", {}_{}_us", axis.stem, zone);
    return sql + fmt::format(" FROM {} WHERE at_ms > ?1 - {} AND at_ms < ?2 ORDER BY at_ms",
                             tier.table, tier.bucket_ms);
}

}  // namespace

std::string rows_sql(const Layout& layout, const Tier* tier, bool histograms) {
    return tier == nullptr ? raw_rows_sql(layout) : tier_rows_sql(layout, *tier, histograms);
}

}  // namespace wanctl::history
