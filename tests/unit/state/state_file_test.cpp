#include "common/state/state_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

std::string content(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

// No file of this process may grow beyond so many bytes while it lives: a disk that is full.
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit small = before_;
        small.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &small);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
    }
    ~SmallDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

  private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("a text is read as it was written, and no file is no text") {
    const TempDir dir;
    const std::string path = dir.file("wan.state");
    const auto none = read_state_file(path, 1);
    REQUIRE(none);
    CHECK_FALSE(*none);
    for (const std::string& text : {std::string("{}\n"), std::string(), std::string(5000, 'x')}) {
        REQUIRE(write_state_file(path, 1, text));
        CHECK(read_state_file(path, 1)->value() == text);
    }
    CHECK_FALSE(exists(path + ".new"));
}

TEST_CASE("whatever byte of a state file changes, or wherever it is cut, it is damaged") {
    const TempDir dir;
    const std::string path = dir.file("wan.state");
    REQUIRE(write_state_file(path, 1, "{\"rate\":123}"));
    const std::string good = content(path);
    const auto refused = [&](const std::string& text) {
        dir.write("wan.state", text);
        const auto read = read_state_file(path, 1);
        return !read && (read.error().kind == ErrorKind::invalid_input ||
                         read.error().kind == ErrorKind::unsupported);
    };
    for (std::size_t i = 0; i < good.size(); ++i) {
        INFO(i);
        CHECK(refused(good.substr(0, i)));
        std::string bent = good;
        bent[i] = static_cast<char>(bent[i] ^ 1);
        CHECK(refused(bent));
    }
    CHECK(refused(good + "x"));
    CHECK(refused(std::string(1'000'000, 'x')));
}

TEST_CASE("another version is told apart from damage") {
    const TempDir dir;
    const std::string path = dir.file("wan.state");
    REQUIRE(write_state_file(path, 2, "{}"));
    const auto read = read_state_file(path, 1);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::unsupported);
    CHECK(read.error().message.find("version 2") != std::string::npos);
}

TEST_CASE("a write that fails leaves the old text and nothing else") {
    const TempDir dir;
    const std::string path = dir.file("wan.state");
    REQUIRE(write_state_file(path, 1, "old"));
    {
        const SmallDisk disk(64);
        const auto written = write_state_file(path, 1, std::string(1000, 'n'));
        REQUIRE_FALSE(written);
        CHECK(written.error().code == EFBIG);
    }
    CHECK(read_state_file(path, 1)->value() == "old");
    CHECK_FALSE(exists(path + ".new"));
}

TEST_CASE("a directory that is not there is named, with the remedy") {
    const TempDir dir;
    const auto written = write_state_file(dir.file("nowhere") + "/wan.state", 1, "x");
    REQUIRE_FALSE(written);
    CHECK(written.error().message.find("create the directory " + dir.file("nowhere")) !=
          std::string::npos);
}

TEST_CASE("a link in place of the new file is not followed") {
    const TempDir dir;
    const std::string path = dir.file("wan.state");
    dir.write("victim", "precious");
    REQUIRE(::symlink(dir.file("victim").c_str(), (path + ".new").c_str()) == 0);
    CHECK_FALSE(write_state_file(path, 1, "x"));
    CHECK(content(dir.file("victim")) == "precious");
}

TEST_CASE("what is set aside can be looked at and is not read again") {
    const TempDir dir;
    const std::string path = dir.write("wan.state", "garbage");
    const auto aside = set_aside_state_file(path);
    REQUIRE(aside);
    CHECK(content(*aside) == "garbage");
    CHECK_FALSE(read_state_file(path, 1)->has_value());
}
