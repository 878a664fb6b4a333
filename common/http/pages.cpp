#include "common/http/pages.hpp"

#include <algorithm>
#include <utility>

namespace wanctl::http {

void Pages::add(std::string_view path, Page page) {
    add_late(path, [page = std::move(page)](const Request& request, const Reply& reply) {
        reply(page(request));
    });
}

void Pages::add_late(std::string_view path, LatePage page) {
    rows_.push_back({path, std::move(page)});
}

Responder Pages::responder() const {
    return [this](const Request& request, const Reply& reply) {
        const auto row = std::ranges::find(rows_, request.path, &Row::path);
        if (row == rows_.end()) return reply(error_answer(404, "Not found"));
        row->page(request, reply);
    };
}

}  // namespace wanctl::http
