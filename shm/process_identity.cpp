#include "shm/process_identity.hpp"

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

namespace wanctl::shm {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

std::array<std::uint8_t, 16> boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    std::getline(file, text);
    std::array<std::uint8_t, 16> id{};
    std::size_t nibbles = 0;
    for (const char c : text) {
        const int digit = hex_digit(c);
        if (digit < 0 || nibbles >= 2 * id.size()) continue;
        std::uint8_t& byte = id[nibbles / 2];
        byte = static_cast<std::uint8_t>((byte << 4) | digit);
        ++nibbles;
    }
    return id;
}

std::uint64_t start_ticks(std::int32_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(file, line);
    // The command name may hold blanks and brackets; what follows the last bracket is field 3.
    const std::size_t bracket = line.rfind(')');
    if (bracket == std::string::npos) return 0;
    std::istringstream fields(line.substr(bracket + 1));
    std::string field;
    for (int number = 3; number <= 22; ++number) {
        if (!(fields >> field)) return 0;
    }
    std::uint64_t ticks = 0;
    std::istringstream(field) >> ticks;
    return ticks;
}

}  // namespace wanctl::shm
