// A receiver of webhooks as a process beside the test.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.hpp"

namespace wanctl::test {

class WebhookReceiver {
  public:
    // The statuses of its answers; the last one goes on for ever.
    explicit WebhookReceiver(const std::vector<std::string>& statuses = {"200"})
        : child_(command(statuses)) {
        if (!wait_until([this] { return child_.out().find('\n') != std::string::npos; }))
            throw std::runtime_error("webhook_receiver.py: " + child_.err());
    }

    [[nodiscard]] std::string url() const {
        const std::string out = child_.out();
        return "http://127.0.0.1:" + out.substr(5, out.find('\n') - 5);
    }
    // All it has got: one line of JSON each.
    [[nodiscard]] std::string got() const {
        const std::string out = child_.out();
        return out.substr(out.find('\n') + 1);
    }

  private:
    static std::vector<std::string> command(const std::vector<std::string>& statuses) {
        std::vector<std::string> out{"python3", WANCTL_WEBHOOK_RECEIVER};
        out.insert(out.end(), statuses.begin(), statuses.end());
        return out;
    }

    ChildProcess child_;
};

}  // namespace wanctl::test
