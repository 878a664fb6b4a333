#include "common/http/server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/http/listening_socket.hpp"
#include "common/http/pace.hpp"
#include "common/log/state_log.hpp"

namespace wanctl::http {

namespace {

using boost::system::error_code;
using Opener = Result<ListeningSocket> (*)(const std::string&);

// To a connection too many: as much as fits, and the end.
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

}  // namespace

// One address or path.
class Server::Listener {
  public:
    Listener(const Surroundings& around, std::string place, Opener open,
             std::shared_ptr<Shared> shared)
        : around_(around),
          place_(std::move(place)),
          open_(open),
          shared_(std::move(shared)),
          ready_(around.loop),
          again_(around.loop),
          trouble_(around.log, LogLevel::warning) {
        listen();
    }
    ~Listener() {
        forget();
        for (const auto& session : sessions_)
            if (const auto alive = session.lock()) alive->close();
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] const std::string& place() const { return place_; }

  private:
    // The descriptor is the socket's, not the loop's.
    void forget() {
        if (ready_.is_open()) ready_.release();
        socket_.reset();
    }

    void listen() {
        auto socket = open_(place_);
        if (!socket) {
            trouble_.occurred(around_.clock.steady(), "cannot listen for HTTP; trying again",
                              {{"message", socket.error().message}});
            return later([this] { listen(); });
        }
        socket_.emplace(std::move(*socket));
        ready_.assign(socket_->get());
        if (trouble_.active())
            trouble_.ended(around_.clock.steady(), "HTTP: listening");
        else
            around_.log.info("HTTP: listening", {{"at", place_}});
        wait();
    }

    void later(std::function<void()> call) {
        again_.expires_after(kListenAgain);
        again_.async_wait(
            [call = std::move(call), here = std::weak_ptr(here_)](const error_code& error) {
                if (!error && !here.expired()) call();
            });
    }

    void wait() {
        ready_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, here = std::weak_ptr(here_)](const error_code& error) {
                              if (!error && !here.expired()) take();
                          });
    }

    // One a turn of the loop, so that a crowd does not hold it up.
    void take() {
        auto connection = socket_->accept();
        if (connection) {
            admit(std::move(*connection));
            return wait();
        }
        const int code = connection.error().code;
        if (code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM) {
            trouble_.occurred(around_.clock.steady(), "cannot accept a connection for HTTP",
                              {{"message", connection.error().message}});
            return later([this] { wait(); });
        }
        wait();
    }

    void admit(Fd connection) {
        if (shared_->counters.open >= shared_->limits.connections) {
            ++shared_->counters.refused;
            ::send(connection.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            return;
        }
        std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
        sessions_.push_back(start_session(around_.loop, std::move(connection), shared_));
    }

    Surroundings around_;
    std::string place_;
    Opener open_;
    std::shared_ptr<Shared> shared_;
    std::optional<ListeningSocket> socket_;
    boost::asio::posix::stream_descriptor ready_;
    boost::asio::steady_timer again_;
    StateLog trouble_;
    std::vector<std::weak_ptr<Session>> sessions_;
    // What the loop has ready when this goes must not come any more.
    std::shared_ptr<int> here_ = std::make_shared<int>();
};

Server::Server(const Surroundings& around, Responder respond, const Limits& limits)
    : around_(around), shared_(std::make_shared<Shared>()) {
    shared_->respond = std::move(respond);
    shared_->limits = limits;
    shared_->pace = std::make_shared<Pace>(around.loop, around.clock);
}

Server::~Server() {
    shared_->respond = nullptr;
    shared_->pace.reset();
}

void Server::serve(const HttpConfig& config, std::string token) {
    shared_->token = std::move(token);
    const auto listen = [this](std::unique_ptr<Listener>& listener, const std::string& place,
                               Opener open) {
        if (listener && listener->place() == place) return;
        listener.reset();
        if (!place.empty()) listener = std::make_unique<Listener>(around_, place, open, shared_);
    };
    listen(at_address_, config.listen, &ListeningSocket::at_address);
    listen(at_path_, config.socket, &ListeningSocket::at_path);
}

}  // namespace wanctl::http
