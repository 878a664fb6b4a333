#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config/secret.hpp"
#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// A directory of its own, gone with the test.
class Directory {
  public:
    Directory() {
        std::string name =
            (std::filesystem::temp_directory_path() / "wanctl-config-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }
    std::string write(const std::string& name, const std::string& content,
                      mode_t mode = 0600) const {
        const std::string file = (path_ / name).string();
        std::ofstream(file, std::ios::binary) << content;
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        return file;
    }

  private:
    std::filesystem::path path_;
};

std::string load_errors(const std::string& path) {
    const ParsedAutorate result = load_autorate(path);
    return result ? "" : messages(result.error());
}

}  // namespace

TEST_CASE("a configuration is read from its file") {
    const Directory directory;
    const std::string file = directory.write("c.toml", kSample);
    const ParsedAutorate result = load_autorate(file);
    REQUIRE(result);
    CHECK(result->config.file == file);
}

TEST_CASE("what is no readable file is refused by name at once") {
    const Directory directory;
    const std::string fifo = directory.path() + "/fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    const std::string large = directory.write("large", std::string(10U << 20U, '#'));
    CHECK(load_errors(directory.path()) ==
          directory.path() + ": is a directory, allowed: a file\n");
    CHECK(load_errors(fifo).find(fifo + ": is a device, pipe or socket") == 0);
    CHECK(load_errors("/dev/zero").find("/dev/zero: is a device, pipe or socket") == 0);
    CHECK(load_errors(large) == large + ": is too large, allowed: at most 1048576 bytes\n");
    const std::string absent = directory.path() + "/absent";
    CHECK(load_errors(absent).find(absent + ": cannot be read: No such file or directory") == 0);
    CHECK(load_errors("").find(": cannot be read") == 0);
}

TEST_CASE("a secret is the first line of its file") {
    using Source = SecretRef::Source;
    const Directory directory;
    CHECK(*resolve_secret({Source::file, directory.write("a", "s3cret")}) == "s3cret");
    CHECK(*resolve_secret({Source::file, directory.write("b", "s3cret\r\nmore\n")}) == "s3cret");
    CHECK(*resolve_secret({Source::file, directory.write("c", " with blanks \n")}) ==
          " with blanks ");
}

TEST_CASE("a secret comes from the environment or from a systemd credential") {
    using Source = SecretRef::Source;
    const Directory directory;
    directory.write("router", "from-credential\n");
    REQUIRE(::setenv("WANCTL_TEST_SECRET", "from-environment", 1) == 0);
    REQUIRE(::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1) == 0);
    CHECK(*resolve_secret({Source::environment, "WANCTL_TEST_SECRET"}) == "from-environment");
    CHECK(*resolve_secret({Source::credential, "router"}) == "from-credential");
    CHECK_FALSE(resolve_secret({Source::credential, "../router"}));
    CHECK_FALSE(resolve_secret({Source::credential, "other"}));
    REQUIRE(::unsetenv("CREDENTIALS_DIRECTORY") == 0);
    const auto without = resolve_secret({Source::credential, "router"});
    REQUIRE_FALSE(without);
    CHECK(without.error().message.find("no CREDENTIALS_DIRECTORY") != std::string::npos);
}

TEST_CASE("a secret that is absent or empty is an error that names its place") {
    using Source = SecretRef::Source;
    const Directory directory;
    REQUIRE(::setenv("WANCTL_TEST_EMPTY", "", 1) == 0);
    REQUIRE(::unsetenv("WANCTL_TEST_UNSET") == 0);
    const std::string empty = directory.write("empty", "\nsecond line\n");
    const auto message = [](SecretRef ref) {
        const auto secret = resolve_secret(ref);
        return secret ? std::string("no error") : secret.error().message;
    };
    CHECK(message({Source::file, empty}).find("password file " + empty + " is empty") == 0);
    CHECK(message({Source::file, directory.path()}).find("is a directory") != std::string::npos);
    CHECK(message({Source::file, "/nowhere/x"}).find("No such file") != std::string::npos);
    CHECK(message({Source::environment, "WANCTL_TEST_EMPTY"}).find("is empty") !=
          std::string::npos);
    CHECK(message({Source::environment, "WANCTL_TEST_UNSET"}).find("is not set") !=
          std::string::npos);
    CHECK(message({}).find("no source") == 0);
}

TEST_CASE("a secret that others may read is used with a warning") {
    using Source = SecretRef::Source;
    const Directory directory;
    CHECK_FALSE(secret_warning({Source::file, directory.write("a", "s", 0600)}));
    CHECK(secret_warning({Source::file, directory.write("b", "s", 0640)})->find("its group") !=
          std::string::npos);
    CHECK(secret_warning({Source::file, directory.write("c", "s", 0644)})->find("everybody") !=
          std::string::npos);
    CHECK(resolve_secret({Source::file, directory.write("d", "s", 0644)}));
}
