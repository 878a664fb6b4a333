#include "tests/support/sim_process.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/wait_until.hpp"

namespace wanctl::test {
namespace {

// A connected Unix socket. Every read and write gives up after a while.
class ControlConnection {
  public:
    explicit ControlConnection(const std::string& path)
        : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
            ::close(fd_);
            throw std::runtime_error("the simulator's control channel does not answer");
        }
    }
    ~ControlConnection() { ::close(fd_); }
    ControlConnection(const ControlConnection&) = delete;
    ControlConnection& operator=(const ControlConnection&) = delete;

    std::string exchange(const std::string& line) {
        const std::string sent = line + "\n";
        if (::send(fd_, sent.data(), sent.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(sent.size())) {
            throw std::runtime_error("the simulator took no command");
        }
        std::string answer;
        while (!answer.ends_with('\n')) {
            char bytes[4096];
            const auto size = ::recv(fd_, bytes, sizeof(bytes), 0);
            if (size <= 0) throw std::runtime_error("the simulator did not answer: " + line);
            answer.append(bytes, static_cast<std::size_t>(size));
        }
        return answer;
    }

  private:
    int fd_;
};

rapidjson::Document parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.c_str());
    if (document.HasParseError()) throw std::runtime_error("not JSON: " + text);
    return document;
}

}  // namespace

SimProcess::SimProcess(SimSettings settings) : settings_(std::move(settings)) {
    std::string passwords;
    for (const auto& user : settings_.users) {
        passwords += fmt::format("{}:{}\n", user.name, user.password);
    }
    dir_.write("passwords", passwords);
    if (!settings_.users.empty()) {
        password_file_ = dir_.write("password", settings_.users.front().password + "\n");
    }
    start();
}

SimProcess::~SimProcess() = default;

std::string SimProcess::http_url() const {
    return fmt::format("http://127.0.0.1:{}", http_port_);
}

std::string SimProcess::https_url() const {
    return fmt::format("https://127.0.0.1:{}", https_port_);
}

std::string SimProcess::command(const std::string& json) {
    const auto answer = parsed(ControlConnection(dir_.file("control")).exchange(json));
    if (!answer["ok"].GetBool()) {
        throw std::runtime_error(fmt::format("{}: {}", json, answer["error"].GetString()));
    }
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    answer["result"].Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

std::int64_t SimProcess::max_limit(const std::string& queue) {
    const auto state = parsed(command(R"({"cmd":"state"})"));
    std::vector<std::int64_t> found;
    for (const auto& record : state.GetArray()) {
        if (queue == record["name"].GetString()) {
            found.push_back(std::stoll(record["max-limit"].GetString()));
        }
    }
    if (found.size() != 1) {
        throw std::runtime_error(fmt::format("{} queues are named {}", found.size(), queue));
    }
    return found.front();
}

std::uint64_t SimProcess::requests(const std::string& method, const std::string& user) {
    const auto counts = parsed(command(R"({"cmd":"counts"})"));
    std::uint64_t sum = 0;
    for (const auto& entry : counts["requests"].GetArray()) {
        if (method == entry["method"].GetString() &&
            (user.empty() || user == entry["user"].GetString())) {
            sum += entry["count"].GetUint64();
        }
    }
    return sum;
}

std::uint64_t SimProcess::accepted_sockets() {
    return parsed(command(R"({"cmd":"counts"})"))["accepted"].GetUint64();
}

void SimProcess::stop() {
    if (child_) child_->stop();
    child_.reset();
}

void SimProcess::restart() {
    stop();
    start();
}

void SimProcess::start() {
    std::filesystem::remove(dir_.file("ports.json"));
    std::vector<std::string> command = {
        WANCTL_ROUTEROS_SIM,
        "--quiet",
        "--listen",
        fmt::format("127.0.0.1:{}", http_port_),
        "--tls",
        fmt::format("127.0.0.1:{}", https_port_),
        "--tls-name",
        "router.test",
        "--port-file",
        dir_.file("ports.json"),
        "--control",
        dir_.file("control"),
        "--password-file",
        dir_.file("passwords"),
        "--seed",
        fmt::format("{}", settings_.seed),
        "--latency-median-ms",
        fmt::format("{}", settings_.latency_median_ms),
        "--login-ms",
        fmt::format("{}", settings_.login_ms),
    };
    for (const auto& user : settings_.users) {
        command.insert(command.end(), {"--user", user.name + ":" + user.policies});
    }
    for (const auto& queue : settings_.queues) command.insert(command.end(), {"--queue", queue});
    command.insert(command.end(), settings_.more.begin(), settings_.more.end());
    child_ = std::make_unique<ChildProcess>(command);
    const auto ready = [this] {
        return !child_->running() || std::filesystem::exists(dir_.file("ports.json"));
    };
    if (!wait_until(ready) || !child_->running()) {
        throw std::runtime_error("routeros-sim does not listen: " + child_->err());
    }
    read_port_file();
}

void SimProcess::read_port_file() {
    std::ifstream file(dir_.file("ports.json"));
    std::ostringstream text;
    text << file.rdbuf();
    const auto ports = parsed(text.str());
    http_port_ = static_cast<std::uint16_t>(ports["http_port"].GetUint());
    https_port_ = static_cast<std::uint16_t>(ports["https_port"].GetUint());
    ca_file_ = ports["ca_file"].GetString();
    pin_ = ports["pin"].GetString();
}

}  // namespace wanctl::test
