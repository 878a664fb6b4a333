// The history as a daemon has it: off, or a store that is begun, told of the daemon's life, begun
// anew when its settings change, and ended.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/config/autorate_config.hpp"
#include "common/config/settings.hpp"
#include "common/history/store.hpp"

namespace wanctl::history {

// Which of the records that are left a feed begins with.
enum class FeedFrom { oldest, newest };

// What the keeper's stores are about.
struct Subject {
    std::string wan;  // or "steering"
    const Layout* layout = nullptr;
    // A new feed of the daemon's records.
    std::function<Result<std::unique_ptr<Feed>>(FeedFrom)> feed;
    Store::Watch watch;
};

// Used from the loop's thread. While the history is off there is no file, no thread and no feed.
class Keeper {
  public:
    Keeper(Subject subject, const HistoryConfig& config, const Clock& clock, Log& log);
    // As stop().
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    void start(std::string_view version, std::span<const Setting> settings);
    // With other settings another store takes the place of the one there is, by its own thread.
    void reload(const HistoryConfig& config, std::span<const SettingChange> changes,
                std::span<const Setting> settings);
    // Whatever else happened; nothing while the history is off.
    void tell(std::string kind, std::string detail);
    // The daemon begins to stop; its last record is still to come.
    void stopping(std::string_view on_exit);
    // The last record is there: several keepers' stores end at once if all are told before one is
    // stopped.
    void end_soon();
    // Stores what is left. May wait for the disk (store.hpp), so it is the last thing.
    void stop();

  private:
    void begin(FeedFrom from);
    void tell(Event event);
    [[nodiscard]] std::int64_t now_ms() const;

    Subject subject_;
    HistoryConfig config_;
    const Clock& clock_;
    Log& log_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Store> leaving_;  // ends by itself
};

}  // namespace wanctl::history
