// A private directory that is removed with everything in it when the object goes.
#pragma once

#include <filesystem>
#include <string>

namespace wanctl::test {

// Readable by the owner only. Throws when none can be made.
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }
    // Writes a file in it, for its owner only, and returns its whole name.
    std::string write(const std::string& name, const std::string& text) const;

  private:
    std::filesystem::path path_;
};

}  // namespace wanctl::test
