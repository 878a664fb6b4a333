// A running routeros-sim for a test: started, known by its ports, commanded, and ended with the
// object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

namespace wanctl::test {

struct SimUser {
    std::string name = "wanctl";
    std::string policies = "read,write,api,rest-api";
    std::string password = "sim-password";
};

struct SimSettings {
    std::vector<SimUser> users = {SimUser{}};
    // NAME[:MAX-LIMIT]
    std::vector<std::string> queues = {"WAN-Download:100M", "WAN-Upload:20M"};
    double latency_median_ms = 0;  // 0 = the router answers at once
    double login_ms = 0;
    std::uint64_t seed = 1;
    std::vector<std::string> more;  // further options of the program
};

// Listens on free ports of 127.0.0.1, HTTP and HTTPS, with a certificate for 127.0.0.1 and
// "router.test".
class SimProcess {
  public:
    // Throws std::runtime_error, with what the program printed, when it does not listen in time.
    explicit SimProcess(SimSettings settings = {});
    ~SimProcess();
    SimProcess(const SimProcess&) = delete;
    SimProcess& operator=(const SimProcess&) = delete;

    [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
    [[nodiscard]] std::uint16_t https_port() const { return https_port_; }
    [[nodiscard]] std::string http_url() const;   // "http://127.0.0.1:PORT"
    [[nodiscard]] std::string https_url() const;  // "https://127.0.0.1:PORT"
    [[nodiscard]] const std::string& ca_file() const { return ca_file_; }
    [[nodiscard]] const std::string& pin() const { return pin_; }  // "sha256//..."
    // Holds the password of the first user alone, as the daemon's password_file wants it.
    [[nodiscard]] const std::string& password_file() const { return password_file_; }

    // One line of JSON for one line of JSON, such as {"cmd":"slow","ms":200}. Throws when the
    // simulator refuses the command or does not answer; returns the text of `result`.
    std::string command(const std::string& json);

    // max-limit of the one queue of this name, in bit/s; throws when there is none or there are
    // several.
    [[nodiscard]] std::int64_t max_limit(const std::string& queue);
    // Requests of this method so far, whatever their path and status; of every user when `user` is
    // empty.
    [[nodiscard]] std::uint64_t requests(const std::string& method, const std::string& user = {});
    [[nodiscard]] std::uint64_t accepted_sockets();

    // Such as SIGSTOP and SIGCONT: all its work stops, and goes on.
    void signal(int number) const { child_->signal(number); }

    // Ends the program now; the destructor does it otherwise. Its ports are known still, and
    // refuse.
    void stop();
    // Starts it again on the same ports with the same certificate, the queues as they were at
    // first.
    void restart();

  private:
    void start();
    void read_port_file();

    SimSettings settings_;
    TempDir dir_;
    std::unique_ptr<ChildProcess> child_;
    std::uint16_t http_port_ = 0;
    std::uint16_t https_port_ = 0;
    std::string ca_file_;
    std::string pin_;
    std::string password_file_;
};

}  // namespace wanctl::test
