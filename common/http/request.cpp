#include "common/http/request.hpp"

#include "common/record/record_json.hpp"

namespace wanctl::http {

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// What is no percent code stays as it is.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool code = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
                          digit(text[i + 2]) >= 0;
        if (code) {
            out += static_cast<char>(16 * digit(text[i + 1]) + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

// "name=value"; `query` is what follows it.
std::string_view take_part(std::string_view& query) {
    const std::size_t end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    return part;
}

}  // namespace

std::string query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::string_view part = take_part(query);
        const std::size_t equals = part.find('=');
        if (part.substr(0, equals) != name) continue;
        return equals == std::string_view::npos ? std::string() : decoded(part.substr(equals + 1));
    }
    return {};
}

std::vector<std::string> query_names(std::string_view query) {
    std::vector<std::string> names;
    while (!query.empty()) {
        const std::string_view part = take_part(query);
        if (!part.empty()) names.emplace_back(part.substr(0, part.find('=')));
    }
    return names;
}

Answer error_answer(unsigned status, std::string_view reason) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    key(json, "error");
    text(json, reason);
    json.EndObject();
    return {status, "application/json", std::string(buffer.GetString(), buffer.GetSize()) + "\n"};
}

}  // namespace wanctl::http
