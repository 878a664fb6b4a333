#include "common/alert/sender.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "common/alert/target.hpp"
#include "common/transfer/lazy_timer.hpp"

namespace wanctl::alert {

namespace {

// Made on the helper thread.
struct Looked {
    Result<Target> target;
    std::optional<std::string> warning;
};

Looked look(const std::string& url_file) {
    Looked out{read_target(url_file), {}};
    if (out.target) out.warning = target_warning(url_file, *out.target);
    return out;
}

}  // namespace

// Held weakly by what the helper hands back, so that a late answer finds nobody.
struct Sender::Impl : std::enable_shared_from_this<Impl> {
    Impl(const Surroundings& the_around, const SinkConfig& the_config, std::uint32_t seed,
         OnEnded the_on_ended)
        : around(the_around),
          config(the_config),
          on_ended(std::move(the_on_ended)),
          outbox(seed),
          trouble(the_around.log, LogLevel::warning),
          timer(the_around.loop, the_around.clock, [this](SteadyTime) { pump(); }),
          client(the_around.loop, the_around.clock, the_config.ca_file,
                 [this](const PostResult& result) { ended(result); }) {}

    void check() {
        static_cast<void>(around.helper.run(
            Urgency::messages, [path = config.url_file] { return look(path); },
            [weak = weak_from_this()](Looked looked) {
                const std::shared_ptr<Impl> self = weak.lock();
                if (!self) return;
                if (looked.warning) self->around.log.warning(*looked.warning);
                // A name that nobody knows now may be known when there is something to send.
                if (!looked.target && looked.target.error().kind != ErrorKind::not_found)
                    self->tell_trouble(looked.target.error().message);
            }));
    }

    void pump() {
        const SteadyTime now = around.clock.steady();
        const Message* message = outbox.next(now);
        if (message == nullptr) return timer.set(outbox.due(now));
        const bool asked = around.helper.run(
            Urgency::messages, [path = config.url_file] { return look(path); },
            [weak = weak_from_this()](const Looked& looked) {
                if (const std::shared_ptr<Impl> self = weak.lock()) self->post(looked.target);
            });
        if (!asked) ended({{}, 0, "the helper thread is busy", {}});
    }

    void post(const Result<Target>& target) {
        if (!flying()) return;
        if (!target) return ended({{}, 0, target.error().message, {}});
        client.start(*target, post_of(outbox.front(), config.kind));
    }

    [[nodiscard]] bool flying() const { return outbox.in_flight(); }

    void ended(const PostResult& result) {
        const SteadyTime now = around.clock.steady();
        if (!flying()) return;
        const bool good = result.attempt.end == Attempt::End::delivered;
        if (good)
            trouble.ended(now, fmt::format("alerts to sink {} are delivered again", config.name));
        else
            tell_trouble(result.text);
        if (const auto end = outbox.ended(now, result.attempt)) on_ended(*end);
        timer.set(outbox.due(now));
    }

    void tell_trouble(const std::string& what) {
        trouble.occurred(around.clock.steady(), fmt::format("alert not delivered: {}", what),
                         {{"sink", config.name}});
    }

    Surroundings around;
    SinkConfig config;
    OnEnded on_ended;
    Outbox outbox;
    StateLog trouble;
    transfer::LazyTimer timer;
    PostClient client;
};

Sender::Sender(const Surroundings& around, const SinkConfig& config, std::uint32_t seed,
               OnEnded on_ended)
    : impl_(std::make_shared<Impl>(around, config, seed, std::move(on_ended))) {
    impl_->check();
}

Sender::~Sender() = default;

void Sender::send(std::shared_ptr<const Message> message) {
    if (!impl_->outbox.push(impl_->around.clock.steady(), message)) {
        impl_->tell_trouble("too many wait already; the newest is dropped");
        return impl_->on_ended({std::move(message), Delivery::dropped, 0});
    }
    impl_->pump();
}

void Sender::drop_all() {
    for (const Ended& each : impl_->outbox.take_all()) impl_->on_ended(each);
}

const SinkConfig& Sender::config() const {
    return impl_->config;
}

}  // namespace wanctl::alert
