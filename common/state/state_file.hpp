// A small text that survives crashes: replaced as a whole or not at all, and known to be what was
// written.
//
// The file is one line `wanctl-state VERSION CRC32 BYTES` and the text behind it. Writing goes to
// PATH.new, is synced and renamed, so PATH is the old or the new text at any moment.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"

namespace wanctl {

inline constexpr std::size_t kLargestStateText = std::size_t{64} * 1024;

// Nothing when there is no file. Errors: invalid_input (damaged: not ours, cut short, changed),
// unsupported (another version), else what the system said. Messages name the file.
[[nodiscard]] Result<std::optional<std::string>> read_state_file(const std::string& path,
                                                                 unsigned version);

// Blocks until the text is on the disk. On an error the file is as it was. The directory is not
// created: the message says who has to.
[[nodiscard]] Result<void> write_state_file(const std::string& path, unsigned version,
                                            std::string_view text);

// Renames it to PATH.damaged, over an older one, and returns that name.
[[nodiscard]] Result<std::string> set_aside_state_file(const std::string& path);

}  // namespace wanctl
