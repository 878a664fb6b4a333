// What readers in processes of their own cost the writer, and what they get.
#pragma once

namespace wanctl::perf {

// Prints latencies of publishing and reading with 1, 2 and 4 readers at full speed, of publishing
// beside stopped ones, and of waking; then how many records four readers took and how many of them
// were not whole. False when one was not.
bool print_with_readers();

}  // namespace wanctl::perf
