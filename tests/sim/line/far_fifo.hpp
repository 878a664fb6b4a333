// The dumb deep buffer in front of the line: one queue for all, drained at the line's capacity,
// dropping at its tail.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "tests/sim/line/bulk.hpp"
#include "tests/sim/line/random.hpp"

namespace wanctl::sim {

class FarFifo {
  public:
    FarFifo(double limit_bytes, std::uint64_t seed) : limit_(limit_bytes), random_(seed) {}

    // Takes in what arrives within the step from `start`, `step_ns` long; `packets` in order of
    // their time.
    void push(Nanos start, double step_ns, const BulkBytes& bulk,
              const std::vector<LinePacket>& packets, StageOutput& output);
    // Lets go what the line carries within the step. A rate of 0 carries nothing.
    void drain(Nanos start, double step_ns, Rate capacity, StageOutput& output);
    // Both at once where nothing stands and nothing will: false when that is not so.
    [[nodiscard]] bool pass(double step_ns, Rate capacity, const BulkBytes& bulk,
                            StageOutput& output);
    // Loses everything.
    void flush(StageOutput& output);

    void set_width(Width width) { width_ = width.flows; }

    [[nodiscard]] double backlog() const { return fluid_ + packet_bytes_; }
    [[nodiscard]] double limit() const { return limit_; }
    // How long the bulk bytes let go last had stood.
    [[nodiscard]] double last_wait_ns() const { return last_wait_ns_; }
    // When the first packet will leave at this capacity; Nanos::max() without one.
    [[nodiscard]] Nanos next_packet(Nanos now, Rate capacity) const;

  private:
    struct Chunk {
        Nanos at{0};
        double length = 0;  // bytes, packets within included
        double left = 0;
        double fluid = 0;  // of the length
        BulkBytes bulk;
    };
    struct Standing {
        LinePacket packet;
        double end = 0;  // position of its last byte in all that ever entered
    };

    void drop_excess(Chunk& chunk, double& fluid, StageOutput& output);
    [[nodiscard]] double take(Nanos end, double bytes, StageOutput& output);
    Chunk& push_chunk();

    double limit_;
    std::size_t width_ = kMaxFlows;
    Random random_;
    std::vector<Chunk> ring_ = std::vector<Chunk>(1024);
    std::size_t head_ = 0;
    std::size_t count_ = 0;
    std::deque<Standing> packets_;
    double entered_ = 0;
    double left_ = 0;
    double fluid_ = 0;
    double packet_bytes_ = 0;
    double last_wait_ns_ = 0;
};

}  // namespace wanctl::sim
