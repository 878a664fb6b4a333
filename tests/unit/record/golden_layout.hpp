// A record's layout as text, to be compared with the committed one.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "common/record/record_abi.hpp"

namespace wanctl {

inline std::string file_text(const char* path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline std::string layout_text(const RecordAbi& abi) {
    return fmt::format("abi {}.{} hash {:016x}\n{}", abi.major, abi.minor, abi.layout_hash,
                       self_description(abi, Detail::layout));
}

}  // namespace wanctl
