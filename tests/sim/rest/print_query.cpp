#include "tests/sim/rest/print_query.hpp"

#include <algorithm>
#include <string_view>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

bool same_value(const std::string& held, const std::string& wanted) {
    if (held == wanted) return true;
    if (held != "true" && held != "false") return false;
    const auto flag = parse_flag(wanted);
    return flag && *flag == (held == "true");
}

// Numbers compare as numbers when both sides are plain digits, as text otherwise.
int compared(const std::string& left, const std::string& right) {
    const auto a = parse_rate(left);
    const auto b = parse_rate(right);
    if (a && b) return *a < *b ? -1 : (*a > *b ? 1 : 0);
    return left.compare(right);
}

bool holds(const Record& record, std::string_view word) {
    const char first = word.empty() ? '\0' : word.front();
    if (first == '-') return !record.contains(std::string(word.substr(1)));
    const bool ordered = first == '<' || first == '>';
    if (first == '=' || ordered) word.remove_prefix(1);
    const auto equals = word.find('=');
    const auto property = record.find(std::string(word.substr(0, equals)));
    if (equals == word.npos) return property != record.end();
    if (property == record.end()) return false;
    const std::string value(word.substr(equals + 1));
    if (!ordered) return same_value(property->second, value);
    const int order = compared(property->second, value);
    return first == '<' ? order < 0 : order > 0;
}

void operate(std::vector<bool>& stack, char operation) {
    if (stack.empty()) return;
    if (operation == '!') {
        stack.back() = !stack.back();
        return;
    }
    if (stack.size() < 2 || (operation != '&' && operation != '|')) return;
    const bool right = stack.back();
    stack.pop_back();
    stack.back() = operation == '&' ? (stack.back() && right) : (stack.back() || right);
}

}  // namespace

bool matches(const Record& record, const std::vector<std::string>& words) {
    std::vector<bool> stack;
    for (const auto& word : words) {
        if (word.starts_with('#')) {
            for (const char operation : word.substr(1)) operate(stack, operation);
        } else {
            stack.push_back(holds(record, word));
        }
    }
    return std::all_of(stack.begin(), stack.end(), [](bool result) { return result; });
}

bool matches_filters(const Record& record, const Record& filters) {
    return std::all_of(filters.begin(), filters.end(), [&record](const auto& filter) {
        const auto property = record.find(filter.first);
        return property != record.end() && same_value(property->second, filter.second);
    });
}

Record projected(const Record& record, const std::vector<std::string>& proplist) {
    if (proplist.empty()) return record;
    Record out;
    for (const auto& name : proplist) {
        if (const auto property = record.find(name); property != record.end()) {
            out.insert(*property);
        }
    }
    return out;
}

}  // namespace wanctl::sim
