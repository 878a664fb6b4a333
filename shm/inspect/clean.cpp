// `wanctl shm clean NAME`: removes what a dead writer left behind. The only subcommand that changes
// anything, and it never touches what a living process may still use.
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "common/fd.hpp"
#include "common/printable.hpp"
#include "shm/directory.hpp"
#include "shm/file_lock.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/segment_source.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    std::string name;
    bool json = false;
};

struct Outcome {
    int code = tool_exit::kYes;
    std::string text;  // for the operator
};

std::string user_text(uid_t uid) {
    std::array<char, 16384> buffer{};
    struct passwd entry {};
    struct passwd* found = nullptr;
    ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    return found == nullptr ? fmt::format("uid {}", uid)
                            : fmt::format("{} (uid {})", found->pw_name, uid);
}

Outcome foreign(const std::string& path, uid_t owner, const std::string& name) {
    return {tool_exit::kCannot,
            fmt::format("{} belongs to {}: only that user and root can remove it. As root: wanctl "
                        "shm clean {}",
                        path, user_text(owner), name)};
}

// Does anything say that its writer lives? An empty text when nothing does.
std::string sign_of_life(const std::string& name, int fd, SteadyTime now) {
    if (shm::first_byte_locked(fd)) return "its writer is alive: it holds the segment's lock";
    const auto reader = RawReader::attach(name, any_abi(), {});
    // Of another version, or no segment at all: the lock is all there is to ask.
    if (!reader || !reader->this_boot()) return {};
    const shm::SegmentState state = reader->state();
    if (state == shm::SegmentState::stopping || state == shm::SegmentState::retired) return {};
    const Nanos limit = shm::kHeartbeatsMissed * reader->facts().stale_after;
    const Nanos age = now.time_since_epoch() - reader->heartbeat();
    if (age > limit || age < -limit) return {};
    return fmt::format("its heartbeat is only {} old: try again in {}", duration_text(age),
                       duration_text(limit - age));
}

bool is_still(const std::string& path, int fd) {
    struct stat ours {};
    struct stat named {};
    return ::fstat(fd, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

Outcome remove(const std::string& name, const std::string& path) {
    if (::unlink(path.c_str()) != 0) {
        return {tool_exit::kCannot,
                fmt::format("cannot remove {}: {}", path, std::strerror(errno))};
    }
    // What a writer killed during its start may have left as well.
    shm::SharedObject::unlink(shm::unfinished_object_name(name));
    ::unlink(shm::lock_path(name).c_str());
    return {tool_exit::kYes, fmt::format("removed {}", path)};
}

Outcome clean(const std::string& name, const Clock& clock) {
    if (!shm::valid_name(name)) {
        return {tool_exit::kUsage, fmt::format("\"{}\" is no segment name", printable(name))};
    }
    const std::string path = shm::object_path(name);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return {tool_exit::kCannot, fmt::format("{}: {}", path, std::strerror(errno))};
    }
    if (!S_ISREG(status.st_mode)) {
        return {
            tool_exit::kInvalid,
            fmt::format("{} is no shared-memory object but another kind of file: look at it and "
                        "remove it by hand",
                        path)};
    }
    if (::geteuid() != 0 && status.st_uid != ::geteuid()) {
        return foreign(path, status.st_uid, name);
    }
    const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        return {tool_exit::kCannot, fmt::format("cannot open {}: {}", path, std::strerror(errno))};
    }
    // Before the lock below, which would leave a file that is ours in the daemon's way.
    const std::string alive = sign_of_life(name, fd.get(), clock.steady());
    if (!alive.empty()) return {tool_exit::kNo, fmt::format("{} stays: {}", path, alive)};
    // From here no daemon can take the name: it would say that it is busy.
    const auto lock = shm::LifetimeLock::acquire(name);
    if (!lock) return {tool_exit::kNo, lock.error().message};
    if (!is_still(path, fd.get())) {
        ::unlink(shm::lock_path(name).c_str());
        return {tool_exit::kNo, fmt::format("{} has just been replaced by a new one", path)};
    }
    return remove(name, path);
}

int run(const Options& options, const Clock& clock) {
    const Outcome outcome = clean(options.name, clock);
    const bool removed = outcome.code == tool_exit::kYes;
    if (options.json) {
        rapidjson::StringBuffer buffer;
        JsonWriter json(buffer);
        json.StartObject();
        key(json, "name");
        text(json, options.name);
        key(json, "removed");
        json.Bool(removed);
        key(json, "text");
        text(json, outcome.text);
        json.EndObject();
        fmt::print("{}\n", buffer.GetString());
    } else if (removed) {
        fmt::print("{}\n", outcome.text);
    } else {
        fmt::print(stderr, "wanctl: {}\n", outcome.text);
    }
    return outcome.code;
}

}  // namespace

std::function<int()> install_clean(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    app.add_option("name", options->name, "the segment: a WAN's name or \"steering\"")->required();
    app.add_flag("--json", options->json, "a JSON object instead of text");
    app.footer(
        "Removes the segment of a stopped or killed daemon, so that its name is free for another\n"
        "user. A daemon of the same user needs no cleaning: it replaces what it finds.\n"
        "Exit: 0 removed, 1 refused (its lock is held or its heartbeat fresh), 2 cannot (absent,\n"
        "another user's), 3 not a shared-memory object.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
