#include "common/alert/outbox.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::alert;
using namespace std::chrono_literals;

namespace {

constexpr Attempt kDelivered{Attempt::End::delivered, {}};
constexpr Attempt kRefused{Attempt::End::refused, {}};
constexpr Attempt kAgain{Attempt::End::try_again, {}};

std::shared_ptr<const Message> message(const std::string& text) {
    auto out = std::make_shared<Message>();
    out->text = text;
    return out;
}

struct Bench {
    Outbox outbox{7};
    SteadyTime now{};

    void push(const std::string& text) { REQUIRE(outbox.push(now, message(text))); }
    // Waits for the next attempt; what it sends, empty when none is due within the time.
    std::string send(Nanos patience = 1h) {
        const auto due = outbox.due(now);
        if (!due || *due > now + patience) return {};
        now = std::max(now, *due);
        const Message* sent = outbox.next(now);
        REQUIRE(sent != nullptr);
        return sent->text;
    }
    // An attempt that ends so; the time until the next is due.
    Nanos try_once(const Attempt& attempt) {
        REQUIRE(!send().empty());
        static_cast<void>(outbox.ended(now, attempt));
        const auto due = outbox.due(now);
        return due ? *due - now : Nanos(-1);
    }
};

}  // namespace

TEST_CASE("messages go out one after the other, in the order they came") {
    Bench bench;
    bench.push("a");
    bench.push("b");
    CHECK(bench.send(0s) == "a");
    CHECK_FALSE(bench.outbox.due(bench.now));
    CHECK(bench.outbox.next(bench.now) == nullptr);
    const auto ended = bench.outbox.ended(bench.now, kDelivered);
    REQUIRE(ended);
    CHECK(ended->message->text == "a");
    CHECK(ended->delivery == Delivery::delivered);
    CHECK(ended->attempts == 1);
    CHECK(bench.send(0s) == "b");
    CHECK(bench.outbox.ended(bench.now, kRefused)->delivery == Delivery::refused);
    CHECK_FALSE(bench.outbox.due(bench.now));
}

TEST_CASE("what failed is tried again after growing waits with jitter, before what came later") {
    Bench bench;
    bench.push("a");
    bench.push("b");
    Nanos longest{};
    std::vector<Nanos> waits;
    for (Nanos base = Outbox::kFirstWait; base < 4 * Outbox::kLongestWait; base *= 2) {
        const Nanos wait = bench.try_once(kAgain);
        const Nanos whole = std::min(base, Outbox::kLongestWait);
        CHECK(wait >= whole / 2);
        CHECK(wait <= whole);
        longest = std::max(longest, wait);
        waits.push_back(wait);
    }
    CHECK(longest > Outbox::kLongestWait / 2);
    CHECK(bench.send() == "a");
    CHECK(bench.outbox.ended(bench.now, kDelivered)->attempts ==
          static_cast<int>(waits.size()) + 1);
    // A success ends the waiting, and the next trouble begins with a short one.
    CHECK(bench.send(0s) == "b");
    static_cast<void>(bench.outbox.ended(bench.now, kAgain));
    CHECK(*bench.outbox.due(bench.now) - bench.now <= Outbox::kFirstWait);
}

TEST_CASE("a receiver that names a wait gets it, within bounds") {
    Bench bench;
    bench.push("a");
    CHECK(bench.try_once({Attempt::End::try_again, 30s}) == 30s);
    CHECK(bench.try_once({Attempt::End::try_again, 24h}) == Outbox::kLongestAsked);
    // But never a shorter one than we would have waited.
    CHECK(bench.try_once({Attempt::End::try_again, 0s}) >= 1s);
}

TEST_CASE("a message is given up after an hour, not before") {
    Bench bench;
    bench.push("a");
    std::optional<Ended> ended;
    int attempts = 0;
    while (!ended) {
        REQUIRE(bench.send() == "a");
        ended = bench.outbox.ended(bench.now, kAgain);
        ++attempts;
    }
    CHECK(ended->delivery == Delivery::given_up);
    CHECK(ended->attempts == attempts);
    CHECK(bench.now >= SteadyTime(Outbox::kPatience - Outbox::kLongestWait));
    CHECK(bench.now <= SteadyTime(Outbox::kPatience));
    CHECK(attempts > 60);
    CHECK(attempts < 140);
}

TEST_CASE("no more than a burst goes out at once, and then one every pace") {
    Bench bench;
    for (std::size_t i = 0; i < Outbox::kMost; ++i) bench.push("m");
    std::vector<SteadyTime> sent;
    while (!bench.send().empty()) {
        sent.push_back(bench.now);
        static_cast<void>(bench.outbox.ended(bench.now, kDelivered));
    }
    REQUIRE(sent.size() == Outbox::kMost);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto burst = static_cast<std::size_t>(Outbox::kBurst);
        const Nanos expected = i < burst ? 0s : static_cast<int>(i - burst + 1) * Outbox::kPace;
        CHECK(sent[i].time_since_epoch() == expected);
    }
    // The budget fills again.
    bench.now += 1h;
    for (int i = 0; i < Outbox::kBurst; ++i) bench.push("m");
    for (int i = 0; i < Outbox::kBurst; ++i) {
        CHECK(bench.send(0s) == "m");
        static_cast<void>(bench.outbox.ended(bench.now, kDelivered));
    }
}

TEST_CASE("a full outbox takes nothing more, and hands over all it has at the end") {
    Bench bench;
    for (std::size_t i = 0; i < Outbox::kMost; ++i) bench.push(std::to_string(i));
    CHECK_FALSE(bench.outbox.push(bench.now, message("one too many")));
    CHECK(bench.send() == "0");
    const auto left = bench.outbox.take_all();
    CHECK(left.size() == Outbox::kMost);
    CHECK(left.front().delivery == Delivery::dropped);
    CHECK(left.front().attempts == 1);
    CHECK(left.back().message->text == std::to_string(Outbox::kMost - 1));
    CHECK(left.back().attempts == 0);
    CHECK_FALSE(bench.outbox.in_flight());
    CHECK_FALSE(bench.outbox.due(bench.now));
}
