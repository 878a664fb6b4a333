// Another user at this machine, who may execute a copy of the tool.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/shm/tool.hpp"

namespace wanctl::test {

class Stranger {
  public:
    Stranger() {
        std::filesystem::permissions(files_.path(), std::filesystem::perms(0711));
        program_ = files_.file("wanctl");
        std::filesystem::copy_file(WANCTL_TOOL, program_);
        std::filesystem::permissions(program_, std::filesystem::perms(0755));
    }
    // Only root may become somebody else.
    [[nodiscard]] static bool possible() {
        return ::geteuid() == 0 &&
               std::system("setpriv --reuid 65534 --regid 65534 --clear-groups true") == 0;
    }
    [[nodiscard]] Outcome run(const std::string& arguments) const {
        return Tool(arguments, "setpriv --reuid 65534 --regid 65534 --clear-groups", program_)
            .finish();
    }

  private:
    TempDir files_;
    std::string program_;
};

}  // namespace wanctl::test
