// /metrics/history: its entries against the view `metrics` of the same file, what it refuses, and
// its thread.
#include "common/http/history_page.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

#include "common/fd.hpp"
#include "common/record/record_json.hpp"
#include "tests/support/store_maker.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/history/sql_file.hpp"
#include "tests/unit/http/sample_views.hpp"
#include "tests/unit/log/log_pipe.hpp"

using namespace wanctl;
using namespace wanctl::test;
using history::cycle_layout;
using history::kTiers;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kBegin = 472'223 * 60 * kMinute;  // 2023-11-14T23:00Z
constexpr std::int64_t kEnd = kBegin + 3 * kMinute + 1'000;
constexpr history::Span kAll{kBegin, kEnd};

// A minute as a row, then two minutes and a second of slots; changes of zone in both parts.
void make_file(const std::string& path, const std::string& wan = "cable") {
    StoreMaker maker(path, cycle_layout(), wan);
    maker.add_tier(kTiers[0], kBegin, kBegin + kMinute);
    maker.add_raw(kBegin + kMinute, kEnd);
    for (const int after : {500, 90'000, 90'000 + 17})
        for (const int direction : {0, 1})
            maker.run(
                fmt::format("INSERT INTO transitions VALUES({}, {}, {}, 0, {}, 1, 2, 'RTT "
                            "\"{}\"')",
                            kBegin + after, after, direction, direction + 1, after));
}

http::HistoryQuery asked(const std::string& query) {
    auto parsed = http::parse_history_query({"", query}, cycle_layout(), kEnd);
    INFO((parsed ? query : parsed.error().message));
    REQUIRE(parsed);
    parsed->span = kAll;
    return *parsed;
}

std::string refused(const std::string& query, const history::Layout& layout = cycle_layout()) {
    const auto parsed = http::parse_history_query({"", query}, layout, kEnd);
    INFO(query);
    REQUIRE_FALSE(parsed);
    return parsed.error().message;
}

rapidjson::Document told(const std::vector<http::HistoryLine>& lines, const std::string& query) {
    const http::Answer answer = http::history_answer(lines, cycle_layout(), asked(query));
    CHECK(answer.status == 200);
    return json_of(answer);
}

std::string text_of(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    value.Accept(json);
    return buffer.GetString();
}

std::vector<std::string> entries_of(const rapidjson::Document& document) {
    std::vector<std::string> all;
    for (const auto& entry : document["data"].GetArray()) all.push_back(text_of(entry));
    return all;
}

// A page on a loop that runs only when told to.
struct Bench {
    [[nodiscard]] std::size_t ask(const std::string& query) {
        const std::size_t place = answers.size();
        answers.emplace_back();
        page.answer({"/metrics/history", query}, [this, place](http::Answer answer) {
            answers[place] = std::move(answer);
            order.push_back(place);
        });
        return place;
    }
    [[nodiscard]] bool until(std::size_t told) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (order.size() < told && std::chrono::steady_clock::now() < end) {
            loop.restart();
            loop.run_for(std::chrono::milliseconds(5));
        }
        return order.size() == told;
    }

    boost::asio::io_context loop;
    SystemClock clock;
    LogPipe log;
    std::vector<http::Answer> answers;
    std::vector<std::size_t> order;
    http::HistoryPage page{{loop, clock, log.log()}, cycle_layout()};
};

}  // namespace

TEST_CASE("the history's entries are those of the view, and pages put together are the whole") {
    const TempDir dir;
    make_file(dir.file("cable.db"));
    const std::vector<http::HistoryLine> lines{{"cable", dir.file("cable.db")}};
    const auto json = told(lines, "limit=10000&metrics=rtt_ms,wanctl_state");
    const auto whole = entries_of(json);
    CHECK(whole.size() == 2 * (1 + 2 * 1200 + 20) + 6);
    CHECK_FALSE(json["metadata"]["more"].GetBool());
    CHECK(std::string(json["metadata"]["from"].GetString()) == "2023-11-14T23:00:00.000Z");

    const SqlFile look(dir.file("cable.db"));
    std::string where = " FROM metrics WHERE metric_name IN ('wanctl_rtt_ms', 'wanctl_state')";
    CHECK(look.one("SELECT count(*)" + where) == std::to_string(whole.size()));
    double sum = 0;
    std::size_t unknown = 0;
    std::string before;
    for (const auto& entry : json["data"].GetArray()) {
        if (entry["value"].IsNull())
            ++unknown;
        else
            sum += entry["value"].GetDouble();
        CHECK(before <= entry["timestamp"].GetString());
        before = entry["timestamp"].GetString();
    }
    CHECK(sum == Approx(std::stod(look.one("SELECT sum(value)" + where))).epsilon(1e-9));
    CHECK(look.one("SELECT count(*)" + where + " AND value IS NULL") == std::to_string(unknown));
    CHECK(unknown > 0);
    CHECK(whole[2] == R"({"timestamp":"2023-11-14T23:00:00.500Z","wan_name":"cable","metric_name":)"
                      R"("wanctl_state","value":1.0,"labels":{"direction":"download","reason":)"
                      R"("RTT \"500\""},"granularity":"raw"})");
    CHECK(std::string(json["data"][0]["granularity"].GetString()) == "1m");

    std::vector<std::string> pages;
    for (bool more = true; more;) {
        const auto page = told(
            lines, fmt::format("limit=997&metrics=rtt_ms,wanctl_state&offset={}", pages.size()));
        const auto part = entries_of(page);
        CHECK(part.size() == page["metadata"]["returned_count"].GetUint());
        pages.insert(pages.end(), part.begin(), part.end());
        more = page["metadata"]["more"].GetBool();
    }
    CHECK((pages == whole));
    CHECK(entries_of(told(lines, "offset=1000000")).empty());
    // All six of a slot.
    CHECK(entries_of(told(lines, "limit=6")).size() == 6);
    CHECK(told(lines, "limit=10&offset=8")["data"][0]["metric_name"] == "wanctl_rtt_ms");
}

TEST_CASE("the entries of several lines come in the order of time, each with its line") {
    const TempDir dir;
    make_file(dir.file("cable.db"));
    make_file(dir.file("dsl.db"), "dsl");
    const std::vector<http::HistoryLine> lines{{"cable", dir.file("cable.db")},
                                               {"dsl", dir.file("dsl.db")}};
    const auto json = told(lines, "metrics=rtt_ms&limit=10000");
    const auto& data = json["data"];
    REQUIRE(data.Size() == 2 * (1 + 2 * 1200 + 20));
    for (rapidjson::SizeType i = 0; i < data.Size(); i += 2) {
        CHECK(data[i]["timestamp"] == data[i + 1]["timestamp"]);
        CHECK(data[i]["wan_name"] == "cable");
        CHECK(data[i + 1]["wan_name"] == "dsl");
    }
}

TEST_CASE("what cannot be meant is refused with what is allowed") {
    CHECK(refused("lmit=3") ==
          "there is no parameter \"lmit\", allowed: range, from, to, metrics, wan, limit, offset");
    for (const std::string bad : {"0", "10001", "-1", "3x", "1e3", "99999999999999999999"})
        CHECK(refused("limit=" + bad) == "limit: \"" + bad + "\", allowed: 1 to 10000");
    CHECK(refused("offset=1000001") == "offset: \"1000001\", allowed: 0 to 1000000");
    CHECK(refused("range=1y").find("no length of time; write") != std::string::npos);
    CHECK(refused("from=yesterday").find("is no time; write 2026") != std::string::npos);
    CHECK(refused("from=2h&to=3h").find("not after its begin") != std::string::npos);
    CHECK(refused("range=1h&from=2h").find("allowed: one of them") != std::string::npos);
    CHECK(refused("metrics=rtt_ms,%22") ==
          "there is no metric \"\"\"; there are wanctl_rtt_ms, wanctl_rtt_baseline_ms, "
          "wanctl_rtt_delta_ms, wanctl_rate_download_mbps, wanctl_rate_upload_mbps, wanctl_state");
    CHECK(refused("metrics=rtt_ms", history::steering_layout())
              .ends_with("wanctl_state, wanctl_steering_transition"));
    const auto steering = http::parse_history_query({"", "metrics=wanctl_steering_transition"},
                                                    history::steering_layout(), kEnd);
    REQUIRE(steering);
    CHECK(steering->metrics.transitions);
    CHECK_FALSE(steering->metrics.columns.axis[0]);
    const auto usual = http::parse_history_query({"", ""}, cycle_layout(), kEnd);
    REQUIRE(usual);
    CHECK(usual->limit == 1'000);
    CHECK(usual->span == history::Span{kEnd - 60 * kMinute, kEnd});
}

TEST_CASE("a history's file that cannot be read is told, and is another's is told") {
    const TempDir dir;
    const auto said = [&](const std::string& wan, const std::string& name) {
        const http::Answer answer =
            http::history_answer({{wan, dir.file(name)}}, cycle_layout(), asked(""));
        CHECK(answer.status == 503);
        return answer.body;
    };
    CHECK(said("cable", "none.db").find("no such file") != std::string::npos);
    dir.write("text.db", std::string(5'000, 'x'));
    CHECK(said("cable", "text.db").find("damaged or no history") != std::string::npos);
    make_file(dir.file("cable.db"));
    CHECK(said("dsl", "cable.db").find("holds the history of autorate") != std::string::npos);
    const SqlFile holder(dir.file("cable.db"));
    holder.run("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT; CREATE TABLE t(x);");
    holder.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; INSERT INTO t VALUES(1); COMMIT");
    CHECK(said("cable", "cable.db").find("another program holds it") != std::string::npos);
}

TEST_CASE("reading a history drops no lock that its writer has in the same process") {
    const TempDir dir;
    const std::string path = dir.file("cable.db");
    make_file(path);
    const SqlFile writer(path);
    writer.run("BEGIN EXCLUSIVE");
    CHECK(http::history_answer({{"cable", path}}, cycle_layout(), asked("")).status == 200);
    const Fd probe(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    struct flock held {};
    held.l_type = F_WRLCK;
    held.l_whence = SEEK_SET;
    REQUIRE(::fcntl(probe.get(), F_OFD_GETLK, &held) == 0);
    CHECK(held.l_type != F_UNLCK);
}

TEST_CASE("the history's page is read beside the loop, in turn, and only so many wait") {
    const TempDir dir;
    make_file(dir.file("cable.db"));
    Bench bench;
    CHECK(bench.answers[bench.ask("")].body == "{\"error\":\"history is not enabled\"}\n");
    CHECK(bench.answers[0].status == 404);
    bench.page.serve({{"cable", dir.file("cable.db")}});
    CHECK(bench.answers[bench.ask("limit=0")].status == 400);
    const std::size_t stranger = bench.ask("wan=lte");
    CHECK(bench.answers[stranger].status == 404);
    CHECK(bench.answers[stranger].body.find("allowed: cable") != std::string::npos);
    bench.answers.clear();
    bench.order.clear();
    // The loop does not run meanwhile, so none is answered.
    const std::string query = fmt::format("from={}&to={}&wan=cable", kBegin / 1000, kEnd / 1000);
    for (std::size_t i = 0; i < http::HistoryPage::kMostWaiting; ++i) (void)bench.ask(query);
    CHECK(bench.order.empty());
    CHECK(bench.answers[bench.ask(query)].status == 503);
    // Those that wait are still answered when the history is switched off.
    bench.page.serve({});
    REQUIRE(bench.until(http::HistoryPage::kMostWaiting + 1));
    CHECK(std::is_sorted(bench.order.begin() + 1, bench.order.end()));
    for (std::size_t i = 0; i < http::HistoryPage::kMostWaiting; ++i) {
        CHECK(bench.answers[i].status == 200);
        CHECK(json_of(bench.answers[i])["data"].Size() == 1'000);
    }
    CHECK(bench.answers[bench.ask(query)].status == 404);
    // One that ends while it is asked leaves its readers without an answer, and nothing else.
    bench.page.serve({{"cable", dir.file("cable.db")}});
    (void)bench.ask(query);
}
