#include "shm/inspect/watch_model.hpp"

#include <algorithm>
#include <iterator>

namespace wanctl::inspect {
namespace {

void select(WatchChoice& choice, std::size_t index, const WatchModel& model) {
    if (index < model.segments.size()) choice.selected = model.segments[index].name;
}

}  // namespace

std::size_t selected_index(const WatchModel& model, const WatchChoice& choice) {
    const auto found = std::ranges::find(model.segments, choice.selected, &WatchedSegment::name);
    return found == model.segments.end() ? 0
                                         : static_cast<std::size_t>(found - model.segments.begin());
}

void apply_key(WatchChoice& choice, WatchKey key, int number, const WatchModel& model) {
    const std::size_t count = std::max<std::size_t>(model.segments.size(), 1);
    const std::size_t at = selected_index(model, choice);
    switch (key) {
        case WatchKey::next:
            select(choice, (at + 1) % count, model);
            return;
        case WatchKey::previous:
            select(choice, (at + count - 1) % count, model);
            return;
        case WatchKey::number:
            select(choice, static_cast<std::size_t>(number) - 1, model);
            return;
        case WatchKey::pause:
            choice.paused = !choice.paused;
            return;
        case WatchKey::longer:
            choice.span = std::min(choice.span + 1, std::size(kWatchSpans) - 1);
            return;
        case WatchKey::shorter:
            choice.span -= choice.span > 0 ? 1 : 0;
            return;
        case WatchKey::help:
            choice.help = !choice.help;
            return;
        case WatchKey::single:
            choice.single = !choice.single;
            return;
        case WatchKey::quit:
        case WatchKey::none:
            return;
    }
}

}  // namespace wanctl::inspect
