#include "steering/rule/lint.hpp"

#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "steering/rule/console_commands.hpp"

namespace wanctl::steering {
namespace {

using routeros::Records;

constexpr std::array<std::string_view, 13> kNames = {
    "rule_missing",        "rule_ambiguous",     "wrong_action",      "marks_first_packet_only",
    "moves_standing",      "first_packet_stays", "companion_missing", "companion_disabled",
    "companion_too_early", "table_missing",      "table_without_fib", "table_without_route",
    "fasttrack_swallows",
};

// A record, with "" for a key that it lacks: RouterOS leaves out what is not set.
class Row {
  public:
    Row(const Records& records, std::size_t index) : records_(&records), index_(index) {}

    [[nodiscard]] std::string_view operator[](std::string_view key) const {
        return records_->get(index_, key).value_or("");
    }
    // Fit to be part of a message or a command.
    [[nodiscard]] std::string text(std::string_view key) const {
        return routeros::printable((*this)[key]);
    }
    [[nodiscard]] std::string id() const { return text(".id"); }
    [[nodiscard]] bool lacks(std::string_view key) const {
        return !records_->get(index_, key).has_value();
    }
    [[nodiscard]] bool enabled() const { return (*this)["disabled"] != "true"; }
    [[nodiscard]] std::size_t index() const { return index_; }

  private:
    const Records* records_;
    std::size_t index_;
};

std::vector<Row> rows(const Records& records) {
    std::vector<Row> all;
    for (std::size_t index = 0; index < records.size(); ++index) all.emplace_back(records, index);
    return all;
}

bool is_first_packet_only(const Row& rule) {
    const auto mark = rule["connection-mark"];
    return rule["connection-state"] == "new" && (mark.empty() || mark == "no-mark");
}

// Whether a rule lets connections with this mark pass it by.
bool spares(const Row& rule, std::string_view mark) {
    const auto wanted = rule["connection-mark"];
    if (wanted.empty()) return false;
    const bool negated = wanted.front() == '!';
    return (wanted.substr(negated ? 1 : 0) == mark) == negated;
}

std::string mangle_set(const Row& rule, std::string_view what) {
    return fmt::format("/ip/firewall/mangle set {} {}", rule.id(), what);
}

class Linter {
  public:
    Linter(const RouterMenus& menus, const SetupNames& names)
        : names_(names),
          mangle_(rows(menus.mangle)),
          filter_(rows(menus.filter)),
          tables_(rows(menus.tables)),
          routes_(rows(menus.routes)) {}

    [[nodiscard]] std::vector<Finding> run() {
        if (const auto rule = the_rule()) check_rule(*rule);
        check_other_rules();
        return std::move(findings_);
    }

  private:
    void report(Flaw flaw, std::string text, std::vector<std::string> commands) {
        findings_.push_back({flaw, std::move(text), std::move(commands)});
    }

    [[nodiscard]] std::optional<Row> the_rule();
    void check_rule(const Row& rule);
    void check_marking_rule(const Row& rule);
    void check_routing_rule(const Row& rule);
    void check_companion(const Row& rule, const std::string& mark);
    void report_companion(const Row* disabled, const Row* late, const std::string& mark);
    void check_table(const Row& rule);
    void check_way_out(const std::string& table);
    void check_fasttrack(const std::vector<Row>& rules, std::string_view menu,
                         const std::string& mark);
    void check_other_rules();

    const SetupNames& names_;
    std::vector<Row> mangle_;
    std::vector<Row> filter_;
    std::vector<Row> tables_;
    std::vector<Row> routes_;
    std::optional<std::size_t> rule_;  // its index
    std::vector<Finding> findings_;
};

std::optional<Row> Linter::the_rule() {
    std::vector<Row> found;
    for (const auto& rule : mangle_) {
        if (rule["comment"] == names_.comment) found.push_back(rule);
    }
    const auto comment = routeros::printable(names_.comment);
    if (found.empty()) {
        check_way_out(names_.table);
        report(Flaw::rule_missing,
               fmt::format("no rule of /ip/firewall/mangle has the comment \"{}\"", comment),
               {add_rule(names_), add_companion(names_, names_.mark, names_.table)});
        check_fasttrack(filter_, "/ip/firewall/filter", names_.mark);
        return std::nullopt;
    }
    if (found.size() == 1) {
        rule_ = found.front().index();
        return found.front();
    }
    std::string ids;
    std::vector<std::string> commands;
    for (const auto& rule : found) {
        if (!ids.empty()) {
            ids += ", ";
            commands.push_back(
                mangle_set(rule, "comment=" + console_quoted("not steering: " + names_.comment)));
        }
        ids += rule.id();
    }
    report(Flaw::rule_ambiguous,
           fmt::format("{} rules have the comment \"{}\": {}; only one may", found.size(), comment,
                       ids),
           std::move(commands));
    return std::nullopt;
}

void Linter::check_rule(const Row& rule) {
    if (rule["action"] == "mark-connection") return check_marking_rule(rule);
    if (rule["action"] == "mark-routing") return check_routing_rule(rule);
    report(Flaw::wrong_action,
           fmt::format("rule {} does not mark connections: its action is {}", rule.id(),
                       rule.text("action")),
           {mangle_set(rule, "action=mark-connection new-connection-mark=" + names_.mark +
                                 " connection-state=new connection-mark=no-mark passthrough=yes"),
            add_companion(names_, names_.mark, names_.table)});
}

void Linter::check_marking_rule(const Row& rule) {
    const auto mark = rule.text("new-connection-mark");
    if (rule["connection-state"] != "new") {
        report(Flaw::moves_standing,
               fmt::format("rule {} marks more than new connections: those that stand would leave "
                           "the WAN of their NAT binding and break",
                           rule.id()),
               {mangle_set(rule, "connection-state=new")});
    }
    if (rule["passthrough"] == "false") {
        report(Flaw::first_packet_stays,
               fmt::format("rule {} ends the marks with passthrough=no: the first packet of a "
                           "marked connection is not led by its mark",
                           rule.id()),
               {mangle_set(rule, "passthrough=yes")});
    }
    check_companion(rule, mark);
    check_fasttrack(mangle_, "/ip/firewall/mangle", mark);
    check_fasttrack(filter_, "/ip/firewall/filter", mark);
}

// A table comes before the rules that name it: the router refuses a mark without one. The mend
// makes it a rule that marks connections, with the companion it then needs.
void Linter::check_routing_rule(const Row& rule) {
    const bool first_only = is_first_packet_only(rule);
    const auto table = rule.text("new-routing-mark");
    const bool lost = table.empty() || table.front() == '*';
    check_table(rule);
    report(first_only ? Flaw::marks_first_packet_only : Flaw::moves_standing,
           first_only
               ? fmt::format("rule {} marks the routing of connection-state=new only, without a "
                             "connection mark: later packets of a connection go out by the main "
                             "table with the other WAN's NAT binding",
                             rule.id())
               : fmt::format("rule {} marks routing itself: to turn it on or off moves connections "
                             "that stand, and breaks them",
                             rule.id()),
           {mangle_set(rule, "action=mark-connection new-connection-mark=" + names_.mark +
                                 " connection-state=new connection-mark=no-mark passthrough=yes"),
            add_companion(names_, names_.mark, lost ? names_.table : table)});
    check_fasttrack(filter_, "/ip/firewall/filter", names_.mark);
}

void Linter::check_companion(const Row& rule, const std::string& mark) {
    const Row* early = nullptr;
    const Row* disabled = nullptr;
    const Row* first_only = nullptr;
    for (const auto& other : mangle_) {
        if (other["action"] != "mark-routing" || other["connection-mark"] != mark ||
            other["chain"] != rule["chain"])
            continue;
        if (!other.enabled())
            disabled = &other;
        else if (other["connection-state"] == "new")
            first_only = &other;
        else if (other.index() < rule.index())
            early = &other;
        else
            return check_table(other);
    }
    if (early == nullptr) return report_companion(disabled, first_only, mark);
    report(Flaw::companion_too_early,
           fmt::format("rule {}, which leads connections marked {}, comes before rule {} that "
                       "marks them: the first packet is not led",
                       early->id(), mark, rule.id()),
           {fmt::format("/ip/firewall/mangle move {} destination={}", rule.id(), early->id())});
    check_table(*early);
}

void Linter::report_companion(const Row* disabled, const Row* first_only, const std::string& mark) {
    if (first_only != nullptr) {
        report(Flaw::marks_first_packet_only,
               fmt::format("rule {} leads only the first packet of connections marked {}",
                           first_only->id(), mark),
               {fmt::format("/ip/firewall/mangle unset {} connection-state", first_only->id())});
        return check_table(*first_only);
    }
    if (disabled != nullptr) {
        report(Flaw::companion_disabled,
               fmt::format("rule {}, which leads connections marked {}, is disabled: nothing moves",
                           disabled->id(), mark),
               {"/ip/firewall/mangle enable " + disabled->id()});
        return check_table(*disabled);
    }
    check_way_out(names_.table);
    report(Flaw::companion_missing,
           fmt::format("no rule leads connections marked {} to another table (action=mark-routing, "
                       "always on): nothing moves",
                       mark),
           {add_companion(names_, mark, names_.table)});
}

void Linter::check_table(const Row& rule) {
    const auto table = rule.text("new-routing-mark");
    if (!table.empty() && table.front() != '*') return check_way_out(table);
    report(
        Flaw::table_missing,
        fmt::format("the routing table that rule {} marks for does not exist any more", rule.id()),
        {add_table(names_.table), add_route(names_, names_.table),
         mangle_set(rule, "new-routing-mark=" + names_.table)});
}

void Linter::check_way_out(const std::string& table) {
    const Row* found = nullptr;
    for (const auto& row : tables_) {
        if (row["name"] == table && row.enabled()) found = &row;
    }
    if (found == nullptr) {
        report(Flaw::table_missing, fmt::format("the routing table {} does not exist", table),
               {add_table(table), add_route(names_, table)});
        return;
    }
    // Present, and empty, when set.
    if (found->lacks("fib")) {
        report(Flaw::table_without_fib,
               fmt::format("the routing table {} is not used to forward packets", table),
               {fmt::format("/routing/table set [find name={}] fib", table)});
    }
    for (const auto& route : routes_) {
        if (route["routing-table"] == table && route["dst-address"] == "0.0.0.0/0" &&
            route["active"] == "true")
            return;
    }
    report(Flaw::table_without_route,
           fmt::format("the routing table {} has no active route to 0.0.0.0/0: packets fall back "
                       "to the main table",
                       table),
           {add_route(names_, table)});
}

void Linter::check_fasttrack(const std::vector<Row>& rules, std::string_view menu,
                             const std::string& mark) {
    for (const auto& rule : rules) {
        if (!rule.enabled()) continue;
        // Marked connections are let through before FastTrack sees them.
        if (rule["action"] == "accept" && rule["connection-mark"] == mark) return;
        if (rule["action"] != "fasttrack-connection" || spares(rule, mark)) continue;
        report(
            Flaw::fasttrack_swallows,
            fmt::format("rule {} of {} fasttracks connections marked {} too: their later packets "
                        "skip the marks and go out by the main table",
                        rule.id(), menu, mark),
            {fmt::format("{} set {} connection-mark=no-mark", menu, rule.id())});
    }
}

void Linter::check_other_rules() {
    for (const auto& rule : mangle_) {
        const bool reported = rule["comment"] == names_.comment;
        if (reported || !rule.enabled() || rule["action"] != "mark-routing" ||
            !is_first_packet_only(rule))
            continue;
        report(
            Flaw::marks_first_packet_only,
            fmt::format("rule {} (not the steering rule) marks the routing of "
                        "connection-state=new only, without a connection mark",
                        rule.id()),
            {mangle_set(rule, "action=mark-connection new-connection-mark=" + names_.answer_mark +
                                  " connection-mark=no-mark passthrough=yes"),
             add_companion(names_, names_.answer_mark, rule.text("new-routing-mark"))});
    }
}

}  // namespace

std::string_view name(Flaw flaw) {
    return kNames[static_cast<std::size_t>(flaw)];
}

std::vector<Finding> lint(const RouterMenus& menus, const SetupNames& names) {
    return Linter(menus, names).run();
}

std::string findings_text(const std::vector<Finding>& findings) {
    std::string text;
    for (const auto& finding : findings) {
        text += fmt::format("{}: {}\n", name(finding.flaw), finding.text);
        for (const auto& command : finding.commands) text += fmt::format("    {}\n", command);
    }
    return text;
}

}  // namespace wanctl::steering
