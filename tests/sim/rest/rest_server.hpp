// The router's web server: HTTP and HTTPS listeners whose requests go to the request desk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "common/error.hpp"
#include "common/units.hpp"
#include "tests/sim/rest/request_desk.hpp"
#include "tests/sim/rest/router_faults.hpp"
#include "tests/sim/rest/tls_identity.hpp"

namespace wanctl::sim {

struct RestServerOptions {
    std::size_t max_sessions = 20;                // one more is accepted and closed
    Nanos idle_limit = std::chrono::seconds(60);  // a silent connection is closed after this
};

// HTTP/1.1 with keep-alive; TLS 1.2 only. A client that goes away does not stop the command it
// asked for. Lives on the loop's thread; the desk must outlive it.
class RestServer {
  public:
    RestServer(boost::asio::io_context& loop, RequestDesk& desk, RestServerOptions options = {});
    ~RestServer();
    RestServer(const RestServer&) = delete;
    RestServer& operator=(const RestServer&) = delete;

    // Port 0 takes any free one; the answer is the port taken. With an identity it speaks TLS.
    [[nodiscard]] Result<std::uint16_t> listen(const std::string& address, std::uint16_t port,
                                               const TlsIdentity* identity = nullptr);

    // What becomes of connections from now on; the ports stay reserved whatever it is.
    void set_reach(Reach reach);
    [[nodiscard]] Reach reach() const;

    // Closes every connection that stands.
    void disconnect();
    void set_max_sessions(std::size_t most);
    // A request given up by its client, followed within 3 s by one that completes, does damage().
    void suffer_aborts(bool suffer);
    // New connections are reset for 1.3 to 2.4 s, and the next reply after that is a 401.
    void damage();
    // As it was at the start: sessions, and no damage.
    void mend();

  private:
    class Listener;
    struct State;

    std::shared_ptr<State> state_;
};

}  // namespace wanctl::sim
