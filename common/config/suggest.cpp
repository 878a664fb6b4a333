#include "common/config/suggest.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace wanctl::config {

namespace {

constexpr std::size_t kLongestWord = 64;

// Up to a third of the word may be wrong, at least two letters.
std::size_t tolerance(std::string_view word) {
    return std::max<std::size_t>(2, word.size() / 3);
}

// Takes over `name` when it is nearer to `word` than what was found before.
class Nearest {
  public:
    explicit Nearest(std::string_view word) : word_(word), best_(tolerance(word) + 1) {}

    void offer(std::string_view name, std::string shown) {
        const std::size_t distance = edit_distance(word_, name);
        // A word of two letters is not "near" everything else of two letters.
        if (distance >= best_ || distance >= std::max(word_.size(), name.size())) return;
        best_ = distance;
        shown_ = std::move(shown);
    }
    [[nodiscard]] const std::string& shown() const { return shown_; }

  private:
    std::string_view word_;
    std::size_t best_;
    std::string shown_;
};

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    if (a.size() > kLongestWord || b.size() > kLongestWord) return std::max(a.size(), b.size());
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

std::string nearest_key(const KeyTable& table, const SectionSpec& section, std::string_view key) {
    Nearest here(key);
    for (const KeySpec& spec : section.keys) {
        if (spec.type != KeyType::refused) here.offer(spec.key, std::string(spec.key));
    }
    if (!here.shown().empty()) return here.shown();
    Nearest elsewhere(key);
    for (const SectionSpec* other : table.sections) {
        if (other == &section) continue;
        for (const KeySpec& spec : other->keys) {
            if (spec.type == KeyType::refused) continue;
            elsewhere.offer(spec.key, other->name.empty()
                                          ? fmt::format("{} at the top of the file", spec.key)
                                          : fmt::format("[{}] {}", other->name, spec.key));
        }
    }
    return elsewhere.shown();
}

std::string nearest_section(const KeyTable& table, std::string_view name) {
    Nearest nearest(name);
    for (const SectionSpec* section : table.sections) {
        if (!section->name.empty()) {
            nearest.offer(section->name, fmt::format("[{}]", section->name));
        }
    }
    return nearest.shown();
}

}  // namespace wanctl::config
