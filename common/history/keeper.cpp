#include "common/history/keeper.hpp"

#include <utility>

#include "common/history/event_text.hpp"

namespace wanctl::history {

Keeper::Keeper(Subject subject, const HistoryConfig& config, const Clock& clock, Log& log)
    : subject_(std::move(subject)), config_(config), clock_(clock), log_(log) {}

Keeper::~Keeper() {
    stop();
}

void Keeper::begin(FeedFrom from) {
    auto feed = subject_.feed(from);
    if (!feed) {
        log_.error("history: off: the daemon's own ring cannot be read",
                   {{"why", feed.error().message}});
        return;
    }
    const RecorderOptions options{
        {config_.path,
         subject_.wan,
         subject_.layout,
         {config_.raw, config_.minute, config_.five_minute, config_.hour}}};
    store_ = std::make_unique<Store>(
        options, Store::Source{std::move(*feed), subject_.watch, std::move(leaving_)}, clock_,
        log_);
}

void Keeper::start(std::string_view version, std::span<const Setting> settings) {
    if (!config_.enabled) return;
    begin(FeedFrom::oldest);
    tell(start_event(now_ms(), version, settings));
}

void Keeper::reload(const HistoryConfig& config, std::span<const SettingChange> changes,
                    std::span<const Setting> settings) {
    if (!(config == config_)) {
        // The store before has put all there is into the same file, some of it long enough ago to
        // be part of a minute.
        const bool same_file = store_ && config.path == config_.path;
        config_ = config;
        if (store_) leaving_ = std::move(store_);
        if (config_.enabled) begin(same_file ? FeedFrom::newest : FeedFrom::oldest);
        // Nobody takes its place.
        if (leaving_) leaving_->end_soon();
    }
    tell(reload_event(now_ms(), changes, settings));
}

void Keeper::tell(std::string kind, std::string detail) {
    tell({now_ms(), std::move(kind), std::move(detail)});
}

void Keeper::tell(Event event) {
    if (store_) store_->tell(std::move(event));
}

void Keeper::stopping(std::string_view on_exit) {
    tell(stop_event(now_ms(), on_exit));
}

void Keeper::end_soon() {
    if (store_) store_->end_soon();
}

void Keeper::stop() {
    store_.reset();
    leaving_.reset();
}

std::int64_t Keeper::now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch())
        .count();
}

}  // namespace wanctl::history
