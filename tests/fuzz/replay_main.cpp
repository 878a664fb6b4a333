// Runs a fuzz target over files and directories of files, without libFuzzer: the kept corpus as an
// ordinary test. Each file is also tried cut in half, and the empty input once, so that a target
// without a corpus is still called.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(std::span<char* const> arguments) {
    std::vector<fs::path> files;
    for (const char* argument : arguments) {
        if (!fs::is_directory(argument)) {
            files.emplace_back(argument);
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(argument)) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

// In a buffer of its own exact size, so that a sanitizer sees the first byte read beyond it.
void run(std::span<const char> bytes) {
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<fs::path> files =
        files_in(std::span<char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    run({});
    for (const fs::path& path : files) {
        std::ifstream file(path, std::ios::binary);
        const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
        if (file.bad() || !fs::exists(path)) {
            fmt::print(stderr, "cannot read {}\n", path.string());
            return 1;
        }
        // Before the call: a crash leaves the name behind.
        fmt::print("{}\n", path.string());
        std::fflush(stdout);
        run(bytes);
        run(std::span(bytes).first(bytes.size() / 2));
    }
    fmt::print("{} inputs\n", files.size());
    return files.empty() ? 1 : 0;
}
