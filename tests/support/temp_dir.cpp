#include "tests/support/temp_dir.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include <stdlib.h>

namespace wanctl::test {

TempDir::TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "wanctl-test.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), "mkdtemp");
    }
    path_ = name;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& text) const {
    using std::filesystem::perms;
    auto whole = file(name);
    std::ofstream out(whole, std::ios::binary);
    std::filesystem::permissions(whole, perms::owner_read | perms::owner_write);
    out << text << std::flush;
    if (!out) throw std::system_error(EIO, std::generic_category(), whole);
    return whole;
}

}  // namespace wanctl::test
