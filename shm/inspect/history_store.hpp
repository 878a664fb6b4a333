// The file that `wanctl history` and `wanctl export` read, and how the tool tells what is wrong
// with it.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "common/error.hpp"
#include "common/history/store_file.hpp"

namespace CLI {
class App;
}

namespace wanctl::inspect {

struct StoreOptions {
    std::string wan;
    std::string file;
    std::string directory = "/var/lib/wanctl";
};
void add_store_options(CLI::App& app, StoreOptions& options);

// Says the error on stderr; the exit code that says the same.
int report(const Error& error);

// The file of that name, else that WAN's in the directory, else the only one there. On failure it
// has said why on stderr, and the error is the exit code.
[[nodiscard]] tl::expected<history::StoreFile, int> open_store(const StoreOptions& options);

// What was printed has arrived; else it is said, and the exit code is another.
[[nodiscard]] int after_printing(int code);

}  // namespace wanctl::inspect
