// The part that Google Benchmark has in a program of tests/perf.
#pragma once

#include <benchmark/benchmark.h>

namespace wanctl::perf {

// Runs what BENCHMARK() registered. False, and nothing is run, for arguments it does not know: that
// is exit code 64.
inline bool run_benchmarks(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return false;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return true;
}

}  // namespace wanctl::perf
