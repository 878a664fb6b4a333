// What a page of the HTTP interface is asked and what it says.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wanctl::http {

struct Request {
    std::string_view path;   // "/health", as it was sent
    std::string_view query;  // behind the question mark, undecoded; empty without one
};

struct Answer {
    unsigned status = 200;
    std::string_view type = "application/json";  // lives for ever
    std::string body;
};

// Takes the answer, once, on the loop: at once or later. What comes after the reader has gone is
// dropped.
using Reply = std::function<void(Answer)>;
// The request's texts live until it returns. Called on the loop, so it must not take long.
using Responder = std::function<void(const Request&, const Reply&)>;

// The first value of that name, with percent codes and plus signs decoded; empty without one.
[[nodiscard]] std::string query_value(std::string_view query, std::string_view name);

// All names, as query_value takes them, in their order.
[[nodiscard]] std::vector<std::string> query_names(std::string_view query);

// {"error": "..."}
[[nodiscard]] Answer error_answer(unsigned status, std::string_view reason);

}  // namespace wanctl::http
