#include "tests/sim/rest/spoiled_reply.hpp"

#include <array>
#include <utility>

namespace wanctl::sim {
namespace {

// Longer than any reply that a client of /queue/tree can want.
constexpr std::size_t kOversized = std::size_t{4} << 20;

constexpr std::array<std::pair<std::string_view, Spoil>, 7> kNames{{
    {"truncated", Spoil::truncated},
    {"oversized", Spoil::oversized},
    {"types", Spoil::types},
    {"nested", Spoil::nested},
    {"empty", Spoil::empty},
    {"other", Spoil::other},
    {"cut", Spoil::cut},
}};

}  // namespace

std::optional<Spoil> spoil_named(std::string_view name) {
    for (const auto& [word, spoil] : kNames)
        if (word == name) return spoil;
    return std::nullopt;
}

RestReply spoiled(RestReply reply, Spoil how) {
    switch (how) {
        case Spoil::truncated:
            reply.body.resize(reply.body.size() / 2);
            break;
        case Spoil::oversized:
            reply.body.append(kOversized, ' ');
            break;
        case Spoil::types:
            reply.body = R"([{".id":16777216,"name":["WAN"],"max-limit":null,"bytes":1e3}])";
            break;
        case Spoil::nested:
            reply.body = std::string(10'000, '[');
            break;
        case Spoil::empty:
            reply.body.clear();
            break;
        case Spoil::other:
            reply.body = R"({"ret":"*1"})";
            break;
        case Spoil::cut:
            reply.cut = true;
            break;
    }
    return reply;
}

}  // namespace wanctl::sim
