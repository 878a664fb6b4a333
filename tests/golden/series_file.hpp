// A recorded series as a file: a line of provenance, a line of parameters, a header, rows of cells.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wanctl::golden {

using Params = std::map<std::string, double>;

class SeriesFile {
  public:
    // `name` without folder and ending. Throws std::runtime_error when there is no such file.
    explicit SeriesFile(const std::string& name);

    [[nodiscard]] const Params& params() const { return params_; }
    [[nodiscard]] std::optional<std::vector<std::string>> next();

  private:
    std::ifstream file_;
    Params params_;
};

}  // namespace wanctl::golden
