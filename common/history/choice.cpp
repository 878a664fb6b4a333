#include "common/history/choice.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl::history {

namespace {

constexpr std::string_view kPrefix = "wanctl_";

std::string_view bare(std::string_view metric) {
    if (metric.starts_with(kPrefix)) metric.remove_prefix(kPrefix.size());
    return metric;
}

bool choose(const Layout& layout, std::string_view wanted, Choice& choice) {
    const std::string_view name = bare(wanted);
    bool found = false;
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        const Quantity& each = layout.quantities[i];
        if (name != each.stem && name != bare(each.metric)) continue;
        choice.quantity[i] = found = true;
    }
    std::string_view metric;
    for (std::size_t i = 0; i < layout.axes.size(); ++i) {
        const Axis& each = layout.axes[i];
        // One without a metric of its own goes with the one before.
        if (!each.metric.empty()) metric = bare(each.metric);
        if (name != each.column && name != metric) continue;
        choice.axis[i] = found = true;
    }
    return found;
}

std::string all_names(const Layout& layout) {
    std::string names;
    for (const Quantity& each : layout.quantities) names += fmt::format("{}, ", each.metric);
    for (const Axis& each : layout.axes)
        if (!each.metric.empty()) names += fmt::format("{}, ", each.metric);
    names.resize(names.size() - 2);
    return names;
}

std::string no_such_metric(const Layout& layout, std::string_view name) {
    return fmt::format("there is no metric \"{}\"; there are {}", printable(name),
                       all_names(layout));
}

// The next of names with commas between, without blanks around it; `names` is what is left.
std::string_view take_name(std::string_view& names) {
    const auto comma = names.find(',');
    std::string_view each = names.substr(0, comma);
    names.remove_prefix(comma == names.npos ? names.size() : comma + 1);
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    return each;
}

}  // namespace

Choice everything(const Layout& layout) {
    Choice choice;
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) choice.quantity[i] = true;
    for (std::size_t i = 0; i < layout.axes.size(); ++i) choice.axis[i] = true;
    return choice;
}

Result<Choice> parse_choice(const Layout& layout, std::string_view metrics) {
    if (metrics.empty()) return everything(layout);
    Choice choice;
    while (!metrics.empty()) {
        const std::string_view each = take_name(metrics);
        if (choose(layout, each, choice)) continue;
        return fail(ErrorKind::invalid_input, no_such_metric(layout, each));
    }
    return choice;
}

Result<MetricChoice> parse_metrics(const Layout& layout, std::string_view metrics) {
    if (metrics.empty()) return MetricChoice{everything(layout), true};
    const bool own = std::ranges::none_of(
        layout.axes, [&](const Axis& axis) { return axis.metric == layout.transition_metric; });
    MetricChoice choice;
    while (!metrics.empty()) {
        const std::string_view each = take_name(metrics);
        if (own && bare(each) == bare(layout.transition_metric)) {
            choice.transitions = true;
            continue;
        }
        if (choose(layout, each, choice.columns)) continue;
        const std::string more = own ? fmt::format(", {}", layout.transition_metric) : "";
        return fail(ErrorKind::invalid_input, no_such_metric(layout, each) + more);
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        if (choice.columns.axis[i] && layout.axes[i].metric.empty()) choice.transitions = true;
    return choice;
}

std::string_view column_name(const Quantity& quantity) {
    return bare(quantity.metric);
}

}  // namespace wanctl::history
