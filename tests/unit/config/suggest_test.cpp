#include "common/config/suggest.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl::config;

TEST_CASE("the edit distance counts insertions, deletions, substitutions and swaps") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("inetrval", "interval") == 1);
    CHECK(edit_distance(std::string(1000, 'a'), "a") == 1000);
}

TEST_CASE("a key of the same section is preferred to a nearer one elsewhere") {
    const KeyTable& table = autorate_keys();
    const SectionSpec& upload = *table.find("upload");
    CHECK(nearest_key(table, upload, "step_up_mbs") == "step_up_mbps");
    CHECK(nearest_key(table, upload, "warn_ms") == "[thresholds] warn_ms");
    CHECK(nearest_key(table, upload, "x") == "");
    CHECK(nearest_section(table, "treshold") == "[thresholds]");
}

TEST_CASE("a refused key is never suggested") {
    const KeyTable& table = autorate_keys();
    CHECK(nearest_key(table, *table.find("router"), "passwort") != "password");
}
