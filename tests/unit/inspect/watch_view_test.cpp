#include "shm/inspect/watch_view.hpp"

#include <string>

#include "common/record/cycle_counters.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/inspect/watch_fixture.hpp"

using namespace wanctl;
using namespace wanctl::inspect;
using namespace wanctl::test;

namespace {

constexpr ScreenSize kSmall{24, 80};
constexpr ScreenSize kLarge{60, 200};

WatchModel model_of(std::vector<WatchedSegment> segments) {
    WatchModel model;
    model.segments = std::move(segments);
    return model;
}

std::string picture(const WatchModel& model, ScreenSize size, const WatchChoice& choice = {}) {
    const Canvas canvas = render(model, choice, size, block_glyphs());
    REQUIRE(canvas.rows() == size.rows);
    REQUIRE(canvas.columns() == size.columns);
    return canvas.text();
}

bool has(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& words) {
    std::size_t found = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
        ++found;
    return found;
}

WatchedSegment stepped(const std::string& name) {
    return wan(name, [](CycleRecord& record, double age_s) {
        const auto zone = age_s < 10 ? Zone::red : age_s < 20 ? Zone::soft_red : Zone::green;
        record.direction[0].zone = static_cast<std::uint8_t>(zone);
        record.rtt_us = age_s < 20 ? 81'000 : 21'500;
        record.direction[0].transition_from = static_cast<std::uint8_t>(Zone::soft_red);
        record.direction[0].transition_reason =
            static_cast<std::uint8_t>(TransitionReason::exceeded_hard_red);
        record.direction[0].transition_delta_ns = 60'700'000;
        record.direction[0].transition_threshold_ns = 45'000'000;
    });
}

}  // namespace

TEST_CASE("80x24 shows all that matters of a WAN, in words") {
    const std::string text = picture(model_of({stepped("cable")}), kSmall);
    CHECK(has(text, "cable"));
    CHECK(has(text, "live"));
    CHECK(has(text, "20.0/s"));
    CHECK(has(text, "age 40 ms"));
    CHECK(has(text, "pid 4242"));
    CHECK(has(text, "RTT 81.0  baseline 20.3  load 22.1  delta +1.8 ms  fresh"));
    CHECK(has(text, "download   RED"));
    CHECK(has(text, "wanted 34.0  held 33.0  achieved 31.6 Mbit/s"));
    CHECK(has(text, "SOFT_RED -> RED: RTT delta 60.7ms exceeded hard_red threshold 45ms"));
    CHECK(has(text, "upload     GREEN"));
    CHECK(has(text, "wanted 9.0  held 9.0  achieved ? Mbit/s"));
    CHECK(has(text, "#1 21.3 answered  #2 22.7 asked  #3 - resting"));
    CHECK(has(text, "router     ok"));
    CHECK(has(text, "slot_cpu 188.0 us"));
    CHECK(has(text, "q quit"));
}

TEST_CASE("Charts end at the right with what is now, letters tell the zones") {
    const Canvas canvas = render(model_of({stepped("cable")}), {}, kSmall, ascii_glyphs());
    const std::string text = canvas.text();
    INFO(text);
    CHECK(has(text, "GGGGGSSSSSSSSSSRRRRRRRRRR\n"));
    CHECK(has(text, " #################### 81\n"));
    CHECK(has(text, "___#################### 20\n"));
    for (const char c : text) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("A zone has a colour of its own, and its word besides") {
    const Canvas canvas = render(model_of({stepped("cable")}), {}, kSmall, block_glyphs());
    const auto style_of = [&](const std::string& word) {
        for (int row = 0; row < canvas.rows(); ++row) {
            const std::string line = canvas.row_text(row);
            const auto at = line.find("   " + word);
            if (at != std::string::npos) return canvas.at(row, static_cast<int>(at) + 3).style;
        }
        return Style{};
    };
    CHECK(style_of("RED").hue == Hue::red);
    CHECK(style_of("RED").reverse);
    CHECK(style_of("GREEN").hue == Hue::green);
}

TEST_CASE("Rates stand against ceiling and floor once the writer tells them") {
    WatchedSegment segment = stepped("cable");
    CHECK(has(picture(model_of({segment}), kSmall), "full: 34.0 Mbit/s"));
    CycleFacts facts;
    facts.ceiling_bps[0] = 66'000'000;
    facts.ceiling_bps[1] = 10'000'000;
    facts.download_floor_bps[3] = 16'500'000;
    facts.target_ns = 15'000'000;
    facts.warn_ns = 45'000'000;
    facts.hard_red_ns = 80'000'000;
    put_fact(facts.reflector[0], "198.18.1.1");
    segment.cycle.facts = facts;
    const std::string text = picture(model_of({segment}), kSmall);
    CHECK(has(text, "floor 16.5 ceiling 66.0"));
    CHECK(has(text, "198.18.1.1 21.3 answered"));
    CHECK(has(text, "#2 22.7 asked"));
    // Half of the bar is held (33 of 66), the floor is at a quarter.
    const Canvas canvas = render(model_of({segment}), {}, kSmall, ascii_glyphs());
    for (int row = 0; row < canvas.rows(); ++row) {
        const std::string line = canvas.row_text(row);
        if (!has(line, "ceiling 66.0")) continue;
        const auto open = line.find('[');
        const auto width = static_cast<double>(line.find(']') - open - 1);
        CHECK(static_cast<double>(count(line, "#") + 1) / width == Approx(0.5).margin(0.05));
        CHECK(static_cast<double>(line.find('f', open) - open) / width ==
              Approx(0.25).margin(0.05));
        CHECK(static_cast<double>(line.find('w', open) - open) / width ==
              Approx(0.52).margin(0.05));
    }
    CHECK(has(picture(model_of({segment}), kLarge), "zones end at +15 +45 +80"));
}

TEST_CASE("A held limit of none and an unknown one are said so") {
    WatchedSegment segment = wan("cable", [](CycleRecord& record, double) {
        record.direction[0].held_bps = 0;
        record.direction[1].held_bps = kUnknownRate;
    });
    const std::string text = picture(model_of({segment}), kSmall);
    CHECK(has(text, "held no limit"));
    CHECK(has(text, "held ?"));
}

TEST_CASE("200x60 shows several WANs and steering at once, each with its charts") {
    const std::string text = picture(model_of({stepped("cable"), wan("lte"), steering()}), kLarge);
    for (const char* words : {" cable ", " lte ", " steering "}) CHECK(has(text, words));
    CHECK(count(text, "RTT ms") == 2);
    CHECK(count(text, "reflectors") == 2);
    CHECK(has(text, "score      85 of 55 to steer, 20 to recover  RED 50  rtt_high 35"));
    CHECK(has(text, "1 cable"));
    CHECK(has(text, "3 steering"));
    WatchChoice one;
    one.single = true;
    one.selected = "lte";
    CHECK(count(picture(model_of({stepped("cable"), wan("lte"), steering()}), kLarge, one),
                "RTT ms") == 1);
}

TEST_CASE("One WAN on a wide screen has its directions side by side and high charts") {
    const Canvas canvas = render(model_of({stepped("cable")}), {}, kLarge, block_glyphs());
    bool beside = false;
    for (int row = 0; row < canvas.rows(); ++row) {
        const std::string line = canvas.row_text(row);
        beside = beside || (has(line, "download   RED") && has(line, "upload     GREEN"));
    }
    CHECK(beside);
}

TEST_CASE("Steering's panel tells state, score, timers, rule, last action and sources") {
    const std::string text = picture(model_of({steering()}), kSmall);
    CHECK(has(text, "DEGRADED  primary assessed RED"));
    CHECK(has(text, "hold_down 18.0 s of 30.0 s left"));
    CHECK(has(text, "wanted enabled  read disabled 2.3 s ago  found ok  router ok"));
    CHECK(has(text, "ENABLE applied in 3.1 ms, 12.0 s ago"));
    CHECK(has(text, "for congested"));
    CHECK(has(text, "primary    live 30 ms ago  usable  dl RED ul GREEN  delta 100.0"));
    CHECK(has(text, "alternate  dead never  silent  dl - ul -"));
    CHECK(has(text, "DDDDDDDD"));
    CHECK(has(picture(model_of({steering()}), kLarge), "write pending"));
}

TEST_CASE("A writer that is not well is named in words, with what it means") {
    struct Case {
        shm::Liveness liveness;
        const char* word;
        const char* text;
    };
    for (const Case& each :
         {Case{shm::Liveness::dead, " DEAD ", "WRITER IS DEAD: pid 4242"},
          Case{shm::Liveness::hung, " HUNG ", "WRITER HANGS: pid 4242 holds its lock"},
          Case{shm::Liveness::stopped, " STOPPED ", "WRITER STOPPED in order"},
          Case{shm::Liveness::retired, " RETIRED ", "moving to the successor"}}) {
        WatchedSegment segment = wan("cable");
        segment.writer.liveness = each.liveness;
        for (const ScreenSize size : {kSmall, kLarge}) {
            const std::string text = picture(model_of({segment}), size);
            CHECK(has(text, each.word));
            CHECK(has(text, each.text));
            CHECK(has(text, "1 NOT LIVE"));
        }
    }
    WatchedSegment stale = wan("cable");
    stale.age = std::chrono::seconds(12);
    CHECK(
        has(picture(model_of({stale}), kSmall), "NO NEW RECORD for 12.0 s, promised every 10.0 s"));
    WatchedSegment broken = wan("cable");
    broken.fault = "dl_zone = 9 is no zone";
    CHECK(has(picture(model_of({broken}), kSmall), "NOT BELIEVABLE, newest record: dl_zone = 9"));
    WatchedSegment old_boot = wan("cable");
    old_boot.writer.liveness = shm::Liveness::dead;
    old_boot.writer.this_boot = false;
    CHECK(has(picture(model_of({old_boot}), kSmall), "before the last boot"));
    CHECK_FALSE(has(picture(model_of({old_boot}), kSmall), " age "));
}

TEST_CASE("A segment that cannot be read keeps its line, and the others theirs") {
    WatchedSegment broken;
    broken.name = "alpha";
    broken.trouble = "/dev/shm/wanctl.alpha is empty: its writer has not built it";
    const std::string text = picture(model_of({broken, wan("cable")}), kSmall);
    CHECK(has(text, "1 alpha          UNREADABLE /dev/shm/wanctl.alpha is empty"));
    CHECK(has(text, "2 cable          live"));
}

TEST_CASE("A blind line says so in words and in its chart") {
    const WatchedSegment segment = wan("cable", [](CycleRecord& record, double age_s) {
        if (age_s > 5) return;
        record.measurement = static_cast<std::uint8_t>(MeasurementState::blind);
        record.fresh = 0;
        record.rtt_us = kUnknownUs;
    });
    const std::string text = picture(model_of({segment}), kSmall);
    CHECK(has(text, "RTT -"));
    CHECK(has(text, "MEASUREMENT blind"));
    CHECK(has(text, "!!!!"));
}

TEST_CASE("More segments than fit are scrolled so that the selected one is seen") {
    std::vector<WatchedSegment> segments;
    for (int i = 1; i <= 12; ++i) segments.push_back(wan("wan" + std::to_string(i)));
    WatchChoice choice;
    choice.selected = "wan11";
    const std::string text = picture(model_of(segments), kSmall, choice);
    CHECK(has(text, ">11 wan11"));
    CHECK(has(text, "12 segments"));
    CHECK(has(text, "download"));
}

TEST_CASE("A terminal too small for panels still tells each WAN's state, politely") {
    const std::string text = picture(model_of({stepped("cable"), wan("lte")}), {10, 40});
    CHECK(has(text, "40x10 is small: panels need 60x16."));
    CHECK(has(text, "cable live RED GREEN"));
    CHECK(has(text, "lte live GREEN GREEN"));
    CHECK(has(text, "q quit"));
    for (const ScreenSize size : {ScreenSize{1, 1}, ScreenSize{0, 0}, ScreenSize{2, 300}}) {
        static_cast<void>(render(model_of({stepped("cable")}), {}, size, block_glyphs()));
    }
}

TEST_CASE("Every size from tiny to huge is drawn, with help, pause and every span") {
    const WatchModel model = model_of({stepped("cable"), wan("lte"), steering()});
    WatchChoice choice;
    for (int rows = 1; rows <= 64; rows += 7) {
        for (int columns = 1; columns <= 240; columns += 13) {
            choice.help = rows % 2 == 0;
            choice.paused = columns % 2 == 0;
            choice.span = static_cast<std::size_t>((rows + columns) % 4);
            static_cast<void>(picture(model, {rows, columns}, choice));
        }
    }
}

TEST_CASE("Help, pause and the time span are told") {
    WatchChoice choice;
    choice.help = true;
    CHECK(
        has(picture(model_of({wan("cable")}), kSmall, choice), "G GREEN   Y YELLOW   S SOFT_RED"));
    choice.help = false;
    choice.paused = true;
    choice.span = 2;
    CHECK(has(picture(model_of({wan("cable")}), kSmall, choice), "PAUSED"));
    CHECK(has(picture(model_of({wan("cable")}), kSmall, choice), "last 3 min"));
}

TEST_CASE("Without segments the view says what it waits for") {
    CHECK(has(picture({}, kSmall), "no segments in shared memory"));
    WatchModel model;
    model.trouble = "cannot list /dev/shm: Permission denied";
    CHECK(has(picture(model, kSmall), "cannot list /dev/shm"));
}

TEST_CASE("A router that does not answer stands out") {
    const WatchedSegment segment = wan("cable", [](CycleRecord& record, double) {
        record.router_state = static_cast<std::uint8_t>(RouterState::unreachable);
        record.flags = kFlagWritePending;
        record.not_shaping = 0b10;
    });
    const std::string text = picture(model_of({segment}), kSmall);
    CHECK(has(text, "router     unreachable  write pending"));
    CHECK(has(text, "upload queue SHAPES NOTHING"));
}

TEST_CASE("The process's counters are shown where there is room for them") {
    WatchedSegment segment = wan("cable");
    segment.counters.assign(cycle_counters().size(), 7);
    CHECK(has(picture(model_of({segment}), kLarge), "writes_refused 7"));
    CHECK(has(picture(model_of({segment}), kLarge), "worst_lateness_ns 7 ns"));
}
