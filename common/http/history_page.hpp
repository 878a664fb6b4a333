// /metrics/history: what the daemon's own history holds of a span, read by a thread of its own, so
// that the loop never waits for a file and finds the answer ready to be written.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/history/layout.hpp"
#include "common/http/history_query.hpp"
#include "common/http/request.hpp"
#include "common/http/server.hpp"
#include "common/loop/helper_thread.hpp"

namespace wanctl::http {

// Used from the loop's thread.
class HistoryPage {
  public:
    // Requests whose answers are being read or wait for that; one more is answered 503.
    static constexpr std::size_t kMostWaiting = 8;

    // Without a line yet. The layout is that of all its lines and lives for ever.
    HistoryPage(const Server::Surroundings& around, const history::Layout& layout)
        : around_(around), layout_(&layout) {}
    // Waits for no file.
    ~HistoryPage() = default;
    HistoryPage(const HistoryPage&) = delete;
    HistoryPage& operator=(const HistoryPage&) = delete;

    // The lines that keep a history from now on. While there is none, there is no thread.
    void serve(std::vector<HistoryLine> lines);
    // 404 without a history and for a WAN without one, 400 for a parameter, 503 when too many wait
    // or the file cannot be read; each says why.
    void answer(const Request& request, const Reply& reply);

  private:
    [[nodiscard]] std::string names() const;
    void read(std::vector<HistoryLine> lines, HistoryQuery query, const Reply& reply);
    void done(Answer answer);

    Server::Surroundings around_;
    const history::Layout* layout_;
    std::vector<HistoryLine> lines_;
    // In the order of the thread's jobs. They stay here, for they belong to the loop.
    std::deque<Reply> waiting_;
    std::unique_ptr<HelperThread> reader_;
};

}  // namespace wanctl::http
