// The pages of the HTTP interface: which path is answered by what.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "common/http/request.hpp"

namespace wanctl::http {

class Pages {
  public:
    using Page = std::function<Answer(const Request&)>;
    // A page whose answer may come later than its request's turn of the loop.
    using LatePage = std::function<void(const Request&, const Reply&)>;

    // `path` lives for ever.
    void add(std::string_view path, Page page);
    void add_late(std::string_view path, LatePage page);

    // 404 for a path that nobody has added. The pages must outlive it.
    [[nodiscard]] Responder responder() const;

  private:
    struct Row {
        std::string_view path;
        LatePage page;
    };
    std::vector<Row> rows_;
};

}  // namespace wanctl::http
