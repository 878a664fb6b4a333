#include "tests/golden/series_file.hpp"

#include <sstream>
#include <stdexcept>

namespace wanctl::golden {

SeriesFile::SeriesFile(const std::string& name)
    : file_(std::string(GOLDEN_SERIES) + "/" + name + ".csv") {
    std::string line;
    std::getline(file_, line);
    std::getline(file_, line);
    if (!file_) throw std::runtime_error("no series " + name);
    std::istringstream words(line.substr(1));
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        params_[word.substr(0, equals)] = std::stod(word.substr(equals + 1));
    }
    std::getline(file_, line);
}

std::optional<std::vector<std::string>> SeriesFile::next() {
    std::string line;
    if (!std::getline(file_, line)) return std::nullopt;
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    return cells;
}

}  // namespace wanctl::golden
