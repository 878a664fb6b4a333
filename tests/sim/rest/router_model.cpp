#include "tests/sim/rest/router_model.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/rest/configuration.hpp"
#include "tests/sim/rest/print_query.hpp"
#include "tests/sim/rest/property.hpp"
#include "tests/sim/rest/two_wan_setup.hpp"

namespace wanctl::sim {
namespace {

constexpr auto kNoItem = "missing or invalid resource identifier";
constexpr auto kNotPermitted = "not enough permissions (9)";

RestReply json_reply(int status, std::string body) {
    return {.status = status, .body = std::move(body)};
}

RestReply refused(const Refusal& refusal) {
    return error_reply(refusal.status, refusal.detail);
}

bool is_json(std::string_view content_type) {
    return content_type.substr(0, content_type.find(';')) == "application/json";
}

// An id, a name, or (in a command's `numbers`) a position in the table; nothing when no item is
// meant by it.
std::optional<Record> find_record(const Menu& menu, const std::string& selector) {
    const bool by_id = selector.starts_with('*');
    for (auto& record : menu.records()) {
        if (by_id ? record.at(".id") == selector
                  : menu.has_names() && record.at("name") == selector) {
            return record;
        }
    }
    return std::nullopt;
}

std::optional<Record> find_selected(const Menu& menu, const std::string& selector) {
    if (auto record = find_record(menu, selector)) return record;
    std::size_t position = 0;
    const char* const end = selector.data() + selector.size();
    const auto [stop, error] = std::from_chars(selector.data(), end, position);
    const auto records = menu.records();
    if (error != std::errc() || stop != end || position >= records.size()) return std::nullopt;
    return records[position];
}

// What a request's object sets, without what only selects items.
Settings settings_of(const Arguments& arguments) {
    Settings settings = arguments.values;
    settings.erase(".id");
    settings.erase("numbers");
    return settings;
}

std::vector<std::string> words_of(const Arguments& arguments, const std::string& name) {
    if (const auto list = arguments.lists.find(name); list != arguments.lists.end()) {
        return list->second;
    }
    const auto value = arguments.values.find(name);
    return value == arguments.values.end() ? std::vector<std::string>{} : split(value->second, ',');
}

}  // namespace

struct RouterModel::Place {
    std::string path;
    Menu* menu = nullptr;
    std::string selector;  // id, name or command; empty = the menu itself

    [[nodiscard]] bool is_command() const { return menu->knows(selector) || selector == "print"; }
};

RouterModel::RouterModel(const Clock& clock, RouterModelOptions options)
    : sectors_per_change_(options.sectors_per_change),
      log_(clock, options.log_lines),
      queues_(clock, types_, interfaces_),
      routes_(tables_, interfaces_),
      mangle_(clock, interfaces_, tables_),
      filter_(clock, interfaces_),
      connections_(clock, mangle_, filter_, routes_),
      identity_(std::move(options.identity)),
      resource_(clock, std::move(options.version)),
      menus_{{"interface", &interfaces_},
             {"ip/firewall/filter", &filter_},
             {"ip/firewall/mangle", &mangle_},
             {"ip/route", &routes_},
             {"log", &log_},
             {"queue/tree", &queues_},
             {"queue/type", &types_},
             {"routing/table", &tables_},
             {"system/identity", &identity_},
             {"system/resource", &resource_}} {
    if (options.two_wans)
        set_up_two_wans({tables_, routes_, mangle_, filter_}, options.rule_comment);
}

RestReply RouterModel::execute(const RestRequest& request, const User& user) {
    if (!user.may("rest-api")) return error_reply(401);
    if (!user.may("api")) return error_reply(500, "std failure: not allowed (9)");
    if (request.method == "OPTIONS") return error_reply(503);
    const bool known = request.method == "GET" || request.method == "PUT" ||
                       request.method == "PATCH" || request.method == "DELETE" ||
                       request.method == "POST";
    if (!known) return error_reply(501);
    const auto target = parse_target(request.target);
    if (!target) return html_reply(404);
    if (!request.body.empty() && !is_json(request.content_type)) return error_reply(415);
    const auto arguments = parse_arguments(request.body);
    if (!arguments) return error_reply(400, "Failed to parse json");
    return dispatch(request, user, *target, *arguments);
}

void RouterModel::note_login(const std::string& user, const std::string& address) {
    log_.append("system,info,account",
                fmt::format("user {} logged in from {} via rest-api", user, address));
    log_.append("system,info,account", fmt::format("user {} logged in via api", user));
}

void RouterModel::note_login_failure(const std::string& user, const std::string& address) {
    log_.append("system,error,critical",
                fmt::format("login failure for user {} from {} via rest-api", user, address));
}

void RouterModel::reboot() {
    queues_.reset_all_counters();
    connections_.forget();
    mangle_.reset_all_counters();
    filter_.reset_all_counters();
    log_.clear();
    resource_.reboot();
    log_.append("system,info", "router rebooted");
}

std::string RouterModel::configuration() const {
    return configuration_json(menus_);
}

Outcome<RouterModel::Place> RouterModel::resolve(const std::vector<std::string>& path) {
    std::string menu_path;
    for (std::size_t used = 0; used < path.size(); ++used) {
        menu_path += (used == 0 ? "" : "/") + path[used];
        if (const auto menu = menus_.find(menu_path); menu != menus_.end()) {
            if (path.size() > used + 2) {
                return refuse(fmt::format("no such command or directory ({})", path[used + 1]));
            }
            return Place{menu_path, menu->second,
                         path.size() > used + 1 ? path[used + 1] : std::string()};
        }
        const bool leads_on = std::any_of(menus_.begin(), menus_.end(), [&](const auto& menu) {
            return menu.first.starts_with(menu_path + "/");
        });
        if (!leads_on) {
            return refuse(fmt::format("no such command or directory ({})", path[used]));
        }
    }
    return refuse("no such command");
}

RestReply RouterModel::dispatch(const RestRequest& request, const User& user,
                                const RestTarget& target, const Arguments& arguments) {
    connections_.advance();
    const bool changes_item = request.method == "PATCH" || request.method == "DELETE";
    const auto place = resolve(target.path);
    if (!place) return refused(place.error());
    if (changes_item && (target.encoded_asterisk || !user.may("write"))) {
        return error_reply(400, kNoItem);
    }
    if (target.encoded_asterisk) return error_reply(400, "no such command prefix");
    if (request.method == "GET") {
        return user.may("read") ? get(*place, target) : error_reply(500, kNotPermitted);
    }
    if (changes_item) return change(*place, request, arguments, user);
    const bool reads = request.method == "POST" && place->selector == "print";
    if (!user.may(reads ? "read" : "write")) return error_reply(500, kNotPermitted);
    if (request.method == "PUT") return put(*place, request, arguments, user);
    return reads ? print(*place, arguments) : post(*place, arguments, user);
}

RestReply RouterModel::get(const Place& place, const RestTarget& target) const {
    // A list always carries the id, whatever was asked for.
    auto wanted = target.proplist;
    if (!wanted.empty()) wanted.emplace_back(".id");
    if (place.selector.empty()) {
        auto records = place.menu->records();
        if (place.menu->singleton()) {
            return json_reply(200, to_json(projected(records.front(), wanted)));
        }
        std::erase_if(records, [&target](const auto& record) {
            return !matches_filters(record, target.filters);
        });
        for (auto& record : records) record = projected(record, wanted);
        return json_reply(200, to_json(records));
    }
    if (place.is_command()) return error_reply(400, "no such command");
    const bool by_id = place.selector.starts_with('*');
    if (place.menu->singleton() || (!by_id && !place.menu->has_names())) {
        return error_reply(400, "no such command prefix");
    }
    const auto record = find_record(*place.menu, place.selector);
    return record ? json_reply(200, to_json(projected(*record, wanted))) : error_reply(404);
}

RestReply RouterModel::put(const Place& place, const RestRequest& request,
                           const Arguments& arguments, const User& user) {
    if (!place.selector.empty() || !place.menu->knows("add")) {
        return error_reply(400, "no such command");
    }
    const auto id = place.menu->add(arguments.values, user.name);
    if (!id) return refused(id.error());
    note_change(place, "add", user.name);
    auto reply = json_reply(201, to_json(find_record(*place.menu, *id).value_or(Record{})));
    reply.headers.emplace_back("Location",
                               fmt::format("{}/rest/{}/{}", request.origin, place.path, *id));
    return reply;
}

RestReply RouterModel::change(const Place& place, const RestRequest& request,
                              const Arguments& arguments, const User& user) {
    const bool removes = request.method == "DELETE";
    const std::string command = removes ? "remove" : "set";
    if (place.menu->singleton() || place.selector.empty()) return error_reply(400, kNoItem);
    if (!place.menu->knows(command)) return error_reply(400, "no such command");
    const auto record = find_record(*place.menu, place.selector);
    if (!record) return error_reply(404);
    const auto& id = record->at(".id");
    const auto done = place.menu->run(command, id, settings_of(arguments), user.name);
    if (!done) {
        // Addressed by name, the router blames the address instead of the refused field.
        const bool by_id = place.selector.starts_with('*');
        return by_id ? refused(done.error()) : error_reply(400, kNoItem);
    }
    note_change(place, command, user.name);
    if (removes) return json_reply(204, "");
    return json_reply(200, to_json(find_record(*place.menu, id).value_or(Record{})));
}

RestReply RouterModel::post(const Place& place, const Arguments& arguments, const User& user) {
    if (place.selector.empty() || !place.menu->knows(place.selector)) {
        return error_reply(400, "no such command");
    }
    if (place.selector == "add") {
        const auto id = place.menu->add(arguments.values, user.name);
        if (!id) return refused(id.error());
        note_change(place, "add", user.name);
        return json_reply(200, fmt::format("{{\"ret\":{}}}", quoted(*id)));
    }
    const auto done = command(place, arguments, user);
    return done ? json_reply(200, "[]") : refused(done.error());
}

RestReply RouterModel::print(const Place& place, const Arguments& arguments) const {
    auto records = place.menu->records();
    if (arguments.values.contains(".query") || arguments.lists.contains(".query")) {
        const auto words = words_of(arguments, ".query");
        std::erase_if(records, [&words](const auto& record) { return !matches(record, words); });
    }
    // The flag counts by its presence with an empty value; any other text leaves it off.
    const auto count = arguments.values.find("count-only");
    if (count != arguments.values.end() && count->second.empty()) {
        return json_reply(200, fmt::format("{{\"ret\":\"{}\"}}", records.size()));
    }
    const auto wanted = words_of(arguments, ".proplist");
    for (auto& record : records) record = projected(record, wanted);
    return json_reply(200, to_json(records));
}

Outcome<void> RouterModel::command(const Place& place, const Arguments& arguments,
                                   const User& user) {
    auto& menu = *place.menu;
    std::vector<std::string> ids;
    if (menu.needs_items(place.selector)) {
        auto selectors = words_of(arguments, ".id");
        if (selectors.empty()) selectors = words_of(arguments, "numbers");
        if (selectors.empty()) return refuse("missing =.id=");
        for (const auto& selector : selectors) {
            const auto record = find_selected(menu, selector);
            if (!record) return refuse_unknown_item();
            ids.push_back(record->at(".id"));
        }
    } else {
        ids.emplace_back();
    }
    const auto settings = settings_of(arguments);
    for (const auto& id : ids) {
        if (auto done = menu.run(place.selector, id, settings, user.name); !done) return done;
        note_change(place, place.selector, user.name);
    }
    return {};
}

void RouterModel::note_change(const Place& place, const std::string& command,
                              const std::string& by) {
    if (!place.menu->writes(command)) return;
    resource_.wrote_sectors(sectors_per_change_);
    if (place.menu == &interfaces_) queues_.apply_limits();
    const auto* const what = command == "add"      ? "added"
                             : command == "remove" ? "removed"
                                                   : "changed";
    constexpr std::string_view kFirewall = "ip/firewall/";
    const bool rule = place.path.starts_with(kFirewall);
    log_.append("system,info", fmt::format("{} {} {} by {}",
                                           rule ? place.path.substr(kFirewall.size()) : place.path,
                                           rule ? "rule" : "entry", what, by));
}

}  // namespace wanctl::sim
