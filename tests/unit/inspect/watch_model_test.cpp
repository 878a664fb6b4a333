#include "shm/inspect/watch_model.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/inspect/watch_fixture.hpp"

using namespace wanctl;
using namespace wanctl::inspect;
using namespace wanctl::test;

namespace {

WatchModel three() {
    WatchModel model;
    for (const char* name : {"cable", "lte", "steering"})
        model.segments.push_back(live_segment(name));
    return model;
}

}  // namespace

TEST_CASE("Keys go round the segments, and numbers go to one") {
    const WatchModel model = three();
    WatchChoice choice;
    CHECK(selected_index(model, choice) == 0);
    apply_key(choice, WatchKey::next, 0, model);
    CHECK(choice.selected == "lte");
    apply_key(choice, WatchKey::next, 0, model);
    apply_key(choice, WatchKey::next, 0, model);
    CHECK(choice.selected == "cable");
    apply_key(choice, WatchKey::previous, 0, model);
    CHECK(choice.selected == "steering");
    apply_key(choice, WatchKey::number, 2, model);
    CHECK(choice.selected == "lte");
    apply_key(choice, WatchKey::number, 9, model);
    CHECK(choice.selected == "lte");
}

TEST_CASE("A selected segment that goes away is selected again when it is back") {
    WatchModel model = three();
    WatchChoice choice;
    choice.selected = "lte";
    const WatchedSegment lte = model.segments[1];
    model.segments.erase(model.segments.begin() + 1);
    CHECK(selected_index(model, choice) == 0);
    model.segments.insert(model.segments.begin() + 1, lte);
    CHECK(selected_index(model, choice) == 1);
}

TEST_CASE("Keys without any segment do nothing bad") {
    const WatchModel model;
    WatchChoice choice;
    for (const WatchKey key :
         {WatchKey::next, WatchKey::previous, WatchKey::number, WatchKey::none}) {
        apply_key(choice, key, 1, model);
    }
    CHECK(choice.selected.empty());
}

TEST_CASE("The time span stays within what there is") {
    const WatchModel model = three();
    WatchChoice choice;
    for (int i = 0; i < 9; ++i) apply_key(choice, WatchKey::longer, 0, model);
    CHECK(kWatchSpans[choice.span] == std::chrono::minutes(10));
    for (int i = 0; i < 9; ++i) apply_key(choice, WatchKey::shorter, 0, model);
    CHECK(kWatchSpans[choice.span] == std::chrono::seconds(30));
}

TEST_CASE("Pause, help and one panel are switches") {
    const WatchModel model = three();
    WatchChoice choice;
    for (const bool on : {true, false}) {
        apply_key(choice, WatchKey::pause, 0, model);
        apply_key(choice, WatchKey::help, 0, model);
        apply_key(choice, WatchKey::single, 0, model);
        CHECK(choice.paused == on);
        CHECK(choice.help == on);
        CHECK(choice.single == on);
    }
}
