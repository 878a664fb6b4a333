// What `wanctl history` prints for programs, as JSON or CSV, a piece at a time.
#pragma once

#include <cstdint>
#include <string>

#include "common/history/happenings.hpp"
#include "common/history/summary.hpp"
#include "shm/inspect/history_columns.hpp"

namespace wanctl::inspect {

enum class Form : std::uint8_t { text, json, csv };

// Collects what is written and passes it on to standard output in large pieces.
class Output {
  public:
    Output() : json_(buffer_) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() { flush(); }

    [[nodiscard]] JsonWriter& json() { return json_; }
    // Ends a line with one whole JSON value, so that the next can be written.
    void end_json_line();
    // What is open stays open: the reader is not told that this was all.
    int cut_off(int code) {
        cut_off_ = true;
        return code;
    }
    [[nodiscard]] bool is_cut_off() const { return cut_off_; }
    // To be called now and then between values.
    void pass_on();
    void line(const std::string& text);
    void flush();

  private:
    rapidjson::StringBuffer buffer_;
    JsonWriter json_;
    bool cut_off_ = false;
};

// "wan", "kind", "from", "to" of the object that is open.
void write_frame(JsonWriter& json, const history::HistoryFile& file, const history::Span& span);

void write_summary(JsonWriter& json, const history::Layout& layout, const history::Choice& choice,
                   const history::Summary& summary);
[[nodiscard]] std::string summary_csv(const history::Layout& layout, const history::Choice& choice,
                                      const history::Summary& summary);

void write_transition(JsonWriter& json, const history::Layout& layout,
                      const history::StoredTransition& transition);
inline constexpr const char* kTransitionCsv = "time,direction,from,to,delta_ms,threshold_ms,reason";
[[nodiscard]] std::string transition_csv(const history::Layout& layout,
                                         const history::StoredTransition& transition);

void write_event(JsonWriter& json, const history::StoredEvent& event);
inline constexpr const char* kEventCsv = "time,kind,detail";
[[nodiscard]] std::string event_csv(const history::StoredEvent& event);

}  // namespace wanctl::inspect
