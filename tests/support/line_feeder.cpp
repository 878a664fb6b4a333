#include "tests/support/line_feeder.hpp"

#include <algorithm>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/wait_until.hpp"

namespace wanctl::test {

LineFeeder::LineFeeder(const std::string& name, const std::string& kind) {
    const std::string fifo = files_.file("lines");
    if (::mkfifo(fifo.c_str(), 0600) != 0) throw std::runtime_error("no FIFO: " + fifo);
    // For reading too: it must not wait for the child, nor the child see an end.
    input_ = Fd(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    child_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        "sh", "-c",
        fmt::format("exec {} {} 20 1000 {} < {}", WANCTL_SEGMENT_FEEDER, name, kind, fifo)});
    calm();
}

void LineFeeder::tell(const std::string& line) {
    const std::string text = line + "\n";
    if (::write(input_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("the feeder took no line");
    ++told_;
    const auto answered = [this] {
        const std::string out = child_->out();
        return std::count(out.begin(), out.end(), '\n') >= static_cast<std::ptrdiff_t>(told_);
    };
    if (!wait_until(answered) || child_->out().find("unknown") != std::string::npos)
        throw std::runtime_error("segment-feeder: " + line + ": " + child_->err());
}

void LineFeeder::calm() {
    tell("zone 0 0");
    tell("rtt 21000");
}

void LineFeeder::congest() {
    tell("zone 3 0");
    tell("rtt 250000");
}

}  // namespace wanctl::test
