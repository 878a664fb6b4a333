// Rules of the sections that only wanctl-steering's file has.
#include <algorithm>

#include <fmt/format.h>

#include "common/config/rules.hpp"

namespace wanctl::config {

namespace {

constexpr std::size_t kLongestComment = 255;
constexpr int kHighestScore = 100;

Nanos seconds(const CheckedSection& section, std::string_view key) {
    return from_ms(section.number(key) * 1e3);
}

int whole(const CheckedSection& section, std::string_view key) {
    return static_cast<int>(section.integer(key));
}

// The key to point at: the one that stands in the file, the later one first.
std::string_view given_of(const CheckedSection& section, std::string_view first,
                          std::string_view otherwise) {
    return section.given(first) ? first : otherwise;
}

bool is_comment(const std::string& text) {
    return !text.empty() && text.size() <= kLongestComment &&
           std::all_of(text.begin(), text.end(), [](char c) {
               const auto code = static_cast<unsigned char>(c);
               return code >= 0x20 && code != 0x7f;
           });
}

}  // namespace

RuleConfig rule_of(CheckedFile& file) {
    const CheckedSection& rule = file.section("rule");
    RuleConfig out;
    out.comment = rule.text("comment");
    out.reconcile = rule.text("reconcile") == "report" ? Reconcile::report : Reconcile::restore;
    if (rule.good({"comment"}) && !is_comment(out.comment)) {
        file.error(rule, "comment",
                   fmt::format("does not fit, allowed: 1 to {} characters in one line, exactly as "
                               "in the rule's comment",
                               kLongestComment));
    }
    return out;
}

DecideConfig decide_of(CheckedFile& file) {
    const CheckedSection& decide = file.section("decide");
    return {decide.text("policy") == "three-state" ? SteeringPolicy::three_state
                                                   : SteeringPolicy::confidence,
            decide.boolean("dry_run")};
}

ThreeStateConfig three_state_of(CheckedFile& file) {
    const CheckedSection& section = file.section("three_state");
    if (section.good({"green_rtt_ms", "yellow_rtt_ms"}) &&
        section.number("green_rtt_ms") >= section.number("yellow_rtt_ms")) {
        file.error(section, given_of(section, "yellow_rtt_ms", "green_rtt_ms"),
                   fmt::format("yellow_rtt_ms = {} is not above green_rtt_ms = {}, allowed: "
                               "green_rtt_ms < yellow_rtt_ms <= red_rtt_ms",
                               section.number("yellow_rtt_ms"), section.number("green_rtt_ms")));
    }
    if (section.good({"yellow_rtt_ms", "red_rtt_ms"}) &&
        section.number("yellow_rtt_ms") > section.number("red_rtt_ms")) {
        file.error(section, given_of(section, "red_rtt_ms", "yellow_rtt_ms"),
                   fmt::format("red_rtt_ms = {} is below yellow_rtt_ms = {}, allowed: "
                               "green_rtt_ms < yellow_rtt_ms <= red_rtt_ms",
                               section.number("red_rtt_ms"), section.number("yellow_rtt_ms")));
    }
    if (section.good({"min_queue_yellow", "min_queue_red"}) &&
        section.integer("min_queue_yellow") > section.integer("min_queue_red")) {
        file.error(
            section, given_of(section, "min_queue_red", "min_queue_yellow"),
            fmt::format("min_queue_red = {} is below min_queue_yellow = {}, allowed: "
                        "min_queue_yellow <= min_queue_red",
                        section.integer("min_queue_red"), section.integer("min_queue_yellow")));
    }
    return {Millis(section.number("green_rtt_ms")),
            Millis(section.number("yellow_rtt_ms")),
            Millis(section.number("red_rtt_ms")),
            whole(section, "min_drops_red"),
            whole(section, "min_queue_yellow"),
            whole(section, "min_queue_red"),
            seconds(section, "red_s"),
            seconds(section, "green_s"),
            Ratio{section.number("rtt_ewma_alpha")}};
}

ConfidenceConfig confidence_of(CheckedFile& file) {
    const CheckedSection& section = file.section("confidence");
    if (section.good({"steer", "recover"}) &&
        section.integer("recover") >= section.integer("steer")) {
        file.error(section, given_of(section, "recover", "steer"),
                   fmt::format("recover = {} is not below steer = {}, allowed: recover < steer",
                               section.integer("recover"), section.integer("steer")));
    }
    return {whole(section, "steer"), whole(section, "recover"), seconds(section, "sustain_s"),
            seconds(section, "recovery_sustain_s"), seconds(section, "hold_down_s")};
}

FlapConfig flap_of(CheckedFile& file) {
    const CheckedSection& section = file.section("flap");
    const CheckedSection& confidence = file.section("confidence");
    if (section.good({"penalty"}) && confidence.good({"steer"}) &&
        confidence.integer("steer") + section.integer("penalty") > kHighestScore) {
        file.warn(
            section, "penalty",
            fmt::format("penalty = {} with confidence.steer = {} is above {}: while it lasts, "
                        "no score begins",
                        section.integer("penalty"), confidence.integer("steer"), kHighestScore));
    }
    return {seconds(section, "window_s"), whole(section, "max_toggles"),
            seconds(section, "penalty_s"), whole(section, "penalty")};
}

FailsafeConfig failsafe_of(CheckedFile& file) {
    const CheckedSection& section = file.section("failsafe");
    if (section.good({"stale_s", "stale_release_s"}) &&
        section.number("stale_release_s") <= section.number("stale_s")) {
        file.error(section, given_of(section, "stale_release_s", "stale_s"),
                   fmt::format("stale_release_s = {} is not above stale_s = {}, allowed: stale_s < "
                               "stale_release_s",
                               section.number("stale_release_s"), section.number("stale_s")));
    }
    return {section.boolean("require_alternate"), seconds(section, "stale_s"),
            seconds(section, "stale_release_s"),
            section.text("on_exit") == "keep" ? ReleaseOnExit::keep : ReleaseOnExit::release};
}

}  // namespace wanctl::config
