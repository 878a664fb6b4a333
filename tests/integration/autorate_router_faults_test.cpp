// Every fault of the router that the simulator knows, laid over a running daemon one after the
// other: what the record and the log say, what becomes of the limits, how soon all is well again,
// and how many requests it cost.
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Promised: 5 s after the router answers again. The machine may be busy with other things.
constexpr double kPromisedS = 5.0;
constexpr double kSlackS = 2.0;

enum class Seen { writer, statistics };

struct Fault {
    std::string name;
    std::string begin;  // the command that lays it
    RouterState state;  // that the record then shows
    Seen by = Seen::writer;
    std::string message = {};                // said once; empty: nothing is said
    std::string end = R"({"cmd":"clear"})";  // mends it
    double requests_per_s = 12;              // at most, of both users together
};

std::string status(int code) {
    return fmt::format(R"({{"cmd":"status","status":{}}})", code);
}
std::string spoil(const std::string& how) {
    return fmt::format(R"({{"cmd":"spoil","how":"{}"}})", how);
}
std::string policies(const std::string& list) {
    return fmt::format(R"({{"cmd":"user","user":"wanctl","policies":"{}"}})", list);
}

struct Told {
    double recovery_s = 0;
    double requests_per_s = 0;
};

// The faults of one test follow each other in one run: each must leave nothing behind.
class FaultRun {
  public:
    FaultRun() : run_(settings()) {
        run_.start_and_settle();
        REQUIRE(run_.until([this](const CycleRecord& now) { return well(now); }));
    }

    void meet(const Fault& fault) {
        INFO(fault.name);
        const auto warnings = run_.logged("warning");
        const auto said = run_.logged(fault.message);
        const auto state_line = fmt::format("warning router state={}", name(fault.state));
        const auto states = run_.logged(state_line);
        const Told told = pass(fault);
        INFO(run_.log());
        CHECK(told.recovery_s < kPromisedS + kSlackS);
        CHECK(told.requests_per_s <= fault.requests_per_s);
        // Once by each whom it concerns: writer, statistics, the reading of the router's load.
        if (!fault.message.empty()) {
            CHECK(run_.logged(fault.message) > said);
            CHECK(run_.logged(fault.message) <= said + 3);
        }
        if (fault.by == Seen::writer && fault.state != RouterState::ok)
            CHECK(run_.logged(state_line) == states + 1);
        // The writer's trouble, the statistics', somebody else's change, and the queue itself.
        CHECK(run_.logged("warning") - warnings <= 4);
        if (std::getenv("WANCTL_TELL_FAULTS") != nullptr)
            std::printf("| %s | %s | %.1f s | %.1f |\n", fault.name.c_str(),
                        std::string(name(fault.state)).c_str(), told.recovery_s,
                        told.requests_per_s);
    }

  private:
    static SimSettings settings() {
        SimSettings settings = line_settings();
        settings.queues.emplace_back("Spare:5M");
        settings.more.insert(settings.more.end(), {"--command-limit-s", "6"});
        return settings;
    }

    // Under the fault stands a wish that cannot be met at once: somebody changed the limit.
    Told pass(const Fault& fault) {
        const auto before = run_.newest();
        run_.sim().command(fault.begin);
        run_.sim().command(
            fmt::format(R"({{"cmd":"queue-set","queue":"{}","max-limit":"7M"}})", kUploadQueue));
        REQUIRE(run_.until([&](const CycleRecord& now) {
            return now.slot > before->slot && state_of(fault, now) == fault.state;
        }));
        const auto requests = all_requests();
        const double begun = now_s();
        REQUIRE(run_.slots_pass(test::full_run() ? 200 : 20));
        Told told;
        told.requests_per_s = static_cast<double>(all_requests() - requests) / (now_s() - begun);
        const auto during = run_.newest();
        // The line was calm all the time, and a router in trouble is no reason to move.
        CHECK(during->direction[0].wanted_bps == before->direction[0].wanted_bps);
        CHECK(during->direction[0].held_bps == before->direction[0].held_bps);
        CHECK(zone_of(*during, Direction::download) == Zone::green);
        CHECK(zone_of(*during, Direction::upload) == Zone::green);
        run_.sim().command(fault.end);
        const double mended = now_s();
        REQUIRE(run_.until([this](const CycleRecord& now) { return well(now); }));
        told.recovery_s = now_s() - mended;
        return told;
    }

    static RouterState state_of(const Fault& fault, const CycleRecord& record) {
        return fault.by == Seen::writer ? router_of(record) : statistics_of(record);
    }
    std::uint64_t all_requests() {
        return run_.sim().requests("GET") + run_.sim().requests("POST") +
               run_.sim().requests("PATCH");
    }
    double now_s() { return static_cast<double>(run_.newest()->mono_ns) / 1e9; }
    bool well(const CycleRecord& record) {
        return router_of(record) == RouterState::ok && statistics_of(record) == RouterState::ok &&
               record.not_shaping == 0 &&
               run_.sim().max_limit(kDownloadQueue) == record.direction[0].wanted_bps &&
               run_.sim().max_limit(kUploadQueue) == record.direction[1].wanted_bps &&
               run_.router_agrees();
    }

    AutorateRun run_;
};

void meet_all(const std::vector<Fault>& faults) {
    FaultRun run;
    for (const Fault& fault : faults) run.meet(fault);
}

std::string queue_command(const std::string& command, const std::string& more = {}) {
    return fmt::format(R"({{"cmd":"{}","queue":"{}"{}}})", command, kDownloadQueue, more);
}

}  // namespace

TEST_CASE("error statuses of the router: state, message, rates, requests, recovery") {
    meet_all({
        {"401", status(401), RouterState::unauthorized, Seen::writer, "state=unauthorized"},
        {"403", status(403), RouterState::forbidden, Seen::writer, "state=forbidden"},
        {"404", status(404), RouterState::failing, Seen::writer, "state=failing"},
        {"415", status(415), RouterState::failing, Seen::writer, "state=failing"},
        {"500", status(500), RouterState::failing, Seen::writer, "state=failing"},
    });
}

TEST_CASE("replies that cannot be right: state, message, rates, requests, recovery") {
    meet_all({
        {"web page", R"({"cmd":"html"})", RouterState::bad_reply, Seen::writer,
         "a web page instead"},
        {"truncated JSON", spoil("truncated"), RouterState::bad_reply, Seen::writer, "not JSON"},
        {"oversized reply", spoil("oversized"), RouterState::bad_reply, Seen::writer, "too long"},
        {"wrong types", spoil("types"), RouterState::bad_reply, Seen::writer, "not a string"},
        {"endless nesting", spoil("nested"), RouterState::bad_reply, Seen::writer},
        {"empty reply", spoil("empty"), RouterState::bad_reply, Seen::writer, "not JSON"},
        {"another menu's reply", spoil("other"), RouterState::queue_missing, Seen::writer,
         "state=queue_missing"},
        {"connection cut in the reply", spoil("cut"), RouterState::unreachable, Seen::writer,
         "the connection broke"},
    });
}

TEST_CASE("connections that fail: state, message, rates, requests, recovery") {
    meet_all({
        {"refused", R"({"cmd":"unreachable"})", RouterState::unreachable, Seen::writer,
         "state=unreachable"},
        {"reset", R"({"cmd":"unreachable","mode":"reset"})", RouterState::unreachable, Seen::writer,
         "state=unreachable"},
        {"slow, 1 s a request", R"({"cmd":"slow","ms":1000})", RouterState::ok},
        {"stalled to the router's limit", R"({"cmd":"stall"})", RouterState::late, Seen::writer,
         "state=late"},
        {"idle connections closed", R"({"cmd":"disconnect"})", RouterState::ok},
    });
}

TEST_CASE("users that lose a right: state, message, rates, requests, recovery") {
    meet_all({
        {"no policy rest-api", policies("read,write,api"), RouterState::unauthorized, Seen::writer,
         "state=unauthorized"},
        {"no policy api", policies("read,write,rest-api"), RouterState::forbidden, Seen::writer,
         "state=forbidden"},
        {"no policy read", policies("write,api,rest-api"), RouterState::ok},
        {"no policy write", policies("read,api,rest-api"), RouterState::forbidden, Seen::writer,
         "policy write"},
        {"another password", R"({"cmd":"user","user":"wanctl","password":"changed"})",
         RouterState::unauthorized, Seen::writer, "state=unauthorized"},
        {"statistics' user without read",
         R"({"cmd":"user","user":"wanctl-stats","policies":"api,rest-api"})",
         RouterState::forbidden, Seen::statistics, "warning statistics"},
        {"logins expired", R"({"cmd":"logins-expire"})", RouterState::ok},
        {"the router's clock jumps", R"({"cmd":"clock-jump","by_s":3600})", RouterState::ok},
    });
}

TEST_CASE("queues changed by somebody else: state, message, rates, requests, recovery") {
    meet_all({
        {"limit changed", R"({"cmd":"now"})", RouterState::ok, Seen::writer,
         "somebody else changed it"},
        {"renamed", queue_command("queue-rename", R"(,"to":"Other")"), RouterState::queue_missing,
         Seen::writer, "state=queue_missing",
         fmt::format(R"({{"cmd":"queue-rename","queue":"Other","to":"{}"}})", kDownloadQueue)},
        {"invalid", queue_command("queue-invalid", R"(,"invalid":"true")"), RouterState::ok,
         Seen::writer, "is invalid", queue_command("queue-invalid", R"(,"invalid":"false")")},
        {"counters reset", queue_command("counters-reset"), RouterState::ok},
        {"there twice", queue_command("queue-duplicate"), RouterState::queue_ambiguous,
         Seen::writer, "state=queue_ambiguous", queue_command("queue-keep-newest")},
        {"deleted, and another one in its place", queue_command("queue-delete"),
         RouterState::queue_missing, Seen::writer, "state=queue_missing",
         fmt::format(R"({{"cmd":"queue-rename","queue":"Spare","to":"{}"}})", kDownloadQueue)},
    });
}
