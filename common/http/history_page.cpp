#include "common/http/history_page.hpp"

#include <malloc.h>

#include <exception>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl::http {

namespace {

// Texts of megabytes are made by the reader and freed by the loop. Out of the reader's heap the
// last one freed would have the loop give all of that heap back to the system, for milliseconds; so
// each has a mapping of its own, whatever was freed before. For the whole process.
void map_long_texts() {
    constexpr int kLong = 128 * 1024;
    mallopt(M_MMAP_THRESHOLD, kLong);
}

Answer read_answer(const std::vector<HistoryLine>& lines, const history::Layout& layout,
                   const HistoryQuery& query) {
    try {
        return history_answer(lines, layout, query);
    } catch (const std::exception& problem) {
        return error_answer(503, problem.what());
    }
}

}  // namespace

void HistoryPage::serve(std::vector<HistoryLine> lines) {
    lines_ = std::move(lines);
    if (lines_.empty()) {
        // What is being read is still answered, and ends it then.
        if (waiting_.empty()) reader_.reset();
        return;
    }
    if (reader_) return;
    map_long_texts();
    try {
        reader_ = std::make_unique<HelperThread>(around_.loop, "history-reader", Nanos(0));
    } catch (const std::system_error& problem) {
        around_.log.error("the history cannot be served by HTTP: no thread for it",
                          {{"message", problem.what()}});
    }
}

void HistoryPage::answer(const Request& request, const Reply& reply) {
    if (lines_.empty()) return reply(error_answer(404, "history is not enabled"));
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        around_.clock.wall().time_since_epoch());
    auto query = parse_history_query(request, *layout_, now.count());
    if (!query) return reply(error_answer(400, query.error().message));
    std::vector<HistoryLine> wanted = lines_;
    if (!query->wan.empty())
        std::erase_if(wanted, [&](const HistoryLine& line) { return line.wan != query->wan; });
    if (wanted.empty())
        return reply(error_answer(404, fmt::format("there is no history of WAN \"{}\", allowed: {}",
                                                   printable(query->wan), names())));
    if (!reader_) return reply(error_answer(503, "there is no thread to read the history"));
    if (waiting_.size() >= kMostWaiting)
        return reply(error_answer(503, "too many ask for the history at once, try again"));
    read(std::move(wanted), std::move(*query), reply);
}

void HistoryPage::read(std::vector<HistoryLine> lines, HistoryQuery query, const Reply& reply) {
    const bool taken = reader_->run(
        Urgency::files,
        [lines = std::move(lines), layout = layout_, query = std::move(query)] {
            return read_answer(lines, *layout, query);
        },
        [this](Answer answer) { done(std::move(answer)); });
    if (!taken) return reply(error_answer(503, "the history's reader is busy, try again"));
    waiting_.push_back(reply);
}

void HistoryPage::done(Answer answer) {
    const Reply reply = std::move(waiting_.front());
    waiting_.pop_front();
    reply(std::move(answer));
    if (lines_.empty() && waiting_.empty()) reader_.reset();
}

std::string HistoryPage::names() const {
    std::string all;
    for (const HistoryLine& line : lines_)
        all += fmt::format("{}{}", all.empty() ? "" : ", ", line.wan);
    return all;
}

}  // namespace wanctl::http
