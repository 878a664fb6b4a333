// Names of the test's own, in its own mount namespace (private_namespaces.hpp).
#pragma once

#include <string>

#include "tests/support/temp_dir.hpp"

namespace wanctl::test {

// Stands for /etc/hosts while it lives; empty at first.
class HostsFile {
  public:
    HostsFile();
    ~HostsFile();
    HostsFile(const HostsFile&) = delete;
    HostsFile& operator=(const HostsFile&) = delete;

    void write(const std::string& text) { files_.write("hosts", text); }

  private:
    TempDir files_;
};

}  // namespace wanctl::test
