// The HTTP interface of a daemon: listens, accepts, bounds what readers may cost, and asks the
// daemon's pages for the answers. Everything happens on the daemon's loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/http/session.hpp"
#include "common/log/log.hpp"

namespace wanctl::http {

class Server {
  public:
    struct Surroundings {
        boost::asio::io_context& loop;
        const Clock& clock;
        Log& log;
    };

    struct Settings {
        HttpConfig config;
        std::string token;  // empty: none is asked for
        Limits limits{};
    };

    // Listens at once. An address that cannot be listened at is logged and tried again every
    // kListenAgain; it never ends the process.
    Server(const Surroundings& around, Settings settings, Responder respond);
    // Ends every connection; `respond` is not called any more.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // For requests from now on.
    void set_token(std::string token);
    [[nodiscard]] const Counters& counters() const { return shared_->counters; }

  private:
    class Listener;

    std::shared_ptr<Shared> shared_;
    std::vector<std::unique_ptr<Listener>> listeners_;
};

inline constexpr Nanos kListenAgain = std::chrono::seconds(2);

}  // namespace wanctl::http
