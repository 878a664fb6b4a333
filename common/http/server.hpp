// The HTTP interface of a daemon: listens, accepts, bounds what readers may cost, and asks the
// daemon's pages for the answers. Everything happens on the daemon's loop.
#pragma once

#include <memory>
#include <string>

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

    // Listens nowhere yet.
    Server(const Surroundings& around, Responder respond, const Limits& limits = {});
    // Ends every connection; `respond` is not called any more.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Listens where the configuration says, and nowhere else; readers of the places that stay
    // notice nothing. An address that cannot be listened at is logged and tried again every
    // kListenAgain; it never ends the process. `token` is for requests from now on, empty: none.
    void serve(const HttpConfig& config, std::string token);
    [[nodiscard]] const Counters& counters() const { return shared_->counters; }

  private:
    class Listener;

    Surroundings around_;
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<Listener> at_address_;
    std::unique_ptr<Listener> at_path_;
};

inline constexpr Nanos kListenAgain = std::chrono::seconds(2);

}  // namespace wanctl::http
