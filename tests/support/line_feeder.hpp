// A line's ring without a line: segment-feeder as a child, told what to publish.
#pragma once

#include <memory>
#include <string>

#include "common/fd.hpp"
#include "tests/support/child_process.hpp"

namespace wanctl::test {

// Publishes under `name` until it is stopped, killed or destroyed; calm and GREEN at first.
class LineFeeder {
  public:
    // `kind` as segment-feeder has it: "major" and "minor" are programs of another ABI.
    explicit LineFeeder(const std::string& name, const std::string& kind = {});

    // One line of segment-feeder's language; returns once records tell of it.
    void tell(const std::string& line);
    void calm();
    // A round trip 230 ms above the baseline, and RED in the download.
    void congest();

    [[nodiscard]] ChildProcess& process() { return *child_; }

  private:
    TempDir files_;
    Fd input_;
    std::unique_ptr<ChildProcess> child_;
    std::size_t told_ = 0;
};

}  // namespace wanctl::test
