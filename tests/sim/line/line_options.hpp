// The lines of routeros-sim as its command line describes them.
#pragma once

#include <string>
#include <vector>

#include "common/error.hpp"
#include "tests/sim/line/line_spec.hpp"

namespace CLI {
class App;
}

namespace wanctl::sim {

// As typed. The figures are what every --line starts from; a SPEC may give its own.
struct LineOptions {
    std::vector<std::string> lines;
    std::string capacity = "50/10";
    std::string trace;
    std::string generator;
    double fifo_ms = 500;
    double base_rtt_ms = 20;
    double jitter_ms = 0;
    double loss = 0;
    unsigned flows_down = 0;
    unsigned flows_up = 0;
    std::uint64_t seed = 1;
    bool tun = false;
    std::string far_command;
};

// One --line, ready to be built.
struct NamedLine {
    std::string name;            // wan0, wan1 ... unless given
    std::string download_queue;  // empty: the router does not shape that direction
    std::string upload_queue;
    LineSpec spec;
};

void declare_line_options(CLI::App& app, LineOptions& options);

// An error names the option or the member of the SPEC.
[[nodiscard]] Result<std::vector<NamedLine>> make_lines(const LineOptions& options);

}  // namespace wanctl::sim
