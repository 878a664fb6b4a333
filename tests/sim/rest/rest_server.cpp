#include "tests/sim/rest/rest_server.hpp"

#include <utility>

#include <functional>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace wanctl::sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kBodyLimit = 64 * 1024;
// How long an aborted request goes on to endanger the next ones, and what it then does.
constexpr auto kAbortRemembered = std::chrono::seconds(3);
constexpr std::pair kDamageMs{1300, 2400};
constexpr unsigned char kTlsAlert = 21;

void reset_connection(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

// One connection, whatever it speaks.
class Connection {
  public:
    virtual ~Connection() = default;
    virtual void start() = 0;
    virtual void reset() = 0;
    virtual void close() = 0;
};

// Whether the other end has closed: nothing more will come, or only a TLS farewell.
bool peer_gone(tcp::socket& socket) {
    unsigned char first = 0;
    error_code error;
    socket.non_blocking(true, error);
    const auto size =
        socket.receive(asio::buffer(&first, 1), asio::socket_base::message_peek, error);
    if (error == asio::error::would_block) return false;
    return error || size == 0 || first == kTlsAlert;
}

std::string text(beast::string_view view) {
    return {view.data(), view.size()};
}

http::response<http::string_body> http_response(RestReply reply,
                                                const http::request<http::string_body>& request) {
    http::response<http::string_body> response;
    response.version(request.version());
    response.result(static_cast<unsigned>(reply.status));
    response.keep_alive(request.keep_alive());
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    if (reply.status != 204) response.set(http::field::content_type, reply.content_type);
    if (request.method() != http::verb::head) response.body() = std::move(reply.body);
    response.prepare_payload();
    return response;
}

}  // namespace

// What connections and listeners share. `stopped` says that the server, and with it the desk, may
// be gone.
struct RestServer::State {
    State(asio::io_context& io, RequestDesk& request_desk, RestServerOptions server_options);
    ~State();

    // Runs the step now, or when the way opens again.
    void when_passable(std::function<void()> step) {
        if (reach == Reach::drop) {
            held.push_back(std::move(step));
        } else {
            step();
        }
    }

    void open(Connection* connection) {
        connections.insert(connection);
        desk.counts().open = connections.size();
    }
    void close(Connection* connection) {
        connections.erase(connection);
        if (!stopped) desk.counts().open = connections.size();
    }

    void aborted() {
        if (!suffers) return;
        endangered = true;
        memory.expires_after(kAbortRemembered);
        memory.async_wait([this](error_code error) {
            if (!error) endangered = false;
        });
    }

    void damage() {
        endangered = false;
        resetting = true;
        std::uniform_int_distribution<int> length(kDamageMs.first, kDamageMs.second);
        healing.expires_after(std::chrono::milliseconds(length(random)));
        healing.async_wait([this](error_code error) {
            if (error) return;
            resetting = false;
            misdelivers = true;
        });
    }

    // What the web server makes of a reply on its way out.
    RestReply passed(RestReply reply) {
        if (endangered) damage();
        if (!std::exchange(misdelivers, false)) return reply;
        return error_reply(401);
    }

    asio::io_context& loop;
    RequestDesk& desk;
    RestServerOptions options;
    const std::size_t usual_sessions;
    bool suffers = false;      // from requests that clients give up
    bool endangered = false;   // one was given up just now
    bool resetting = false;    // damaged: new connections are reset
    bool misdelivers = false;  // the next reply carries another's status
    asio::steady_timer memory;
    asio::steady_timer healing;
    std::minstd_rand random{1};
    Reach reach = Reach::open;
    bool stopped = false;
    std::set<Connection*> connections;
    std::vector<std::function<void()>> held;
    std::vector<std::unique_ptr<Listener>> listeners;
};

namespace {

// `Stream` is a tcp_stream or a TLS stream over one. Reads a request, waits for its answer, writes
// it, and so on. Closing the socket ends it: the pending operation fails and lets go of the last
// reference.
template <typename Stream, typename State>
class StreamConnection final
    : public Connection,
      public std::enable_shared_from_this<StreamConnection<Stream, State>> {
  public:
    template <typename... More>
    StreamConnection(std::shared_ptr<State> state, tcp::socket socket, More&... more)
        : state_(std::move(state)), stream_(std::move(socket), more...) {
        error_code ignored;
        lowest().socket().set_option(tcp::no_delay(true), ignored);
        const auto remote = lowest().socket().remote_endpoint(ignored);
        client_ = remote.address().to_string();
        state_->open(this);
    }
    ~StreamConnection() override { state_->close(this); }

    void start() override {
        if constexpr (kTls) {
            lowest().expires_after(state_->options.idle_limit);
            stream_.async_handshake(asio::ssl::stream_base::server,
                                    [self = this->shared_from_this()](error_code error) {
                                        if (!error) self->read();
                                    });
        } else {
            read();
        }
    }

    void reset() override { reset_connection(lowest().socket()); }
    void close() override {
        error_code ignored;
        lowest().socket().close(ignored);
    }

  private:
    static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

    beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

    void read() {
        parser_.emplace();
        parser_->body_limit(kBodyLimit);
        lowest().expires_after(state_->options.idle_limit);
        http::async_read(stream_, buffer_, *parser_,
                         [self = this->shared_from_this()](error_code error, std::size_t) {
                             if (error) return;
                             self->lowest().expires_never();
                             self->state_->when_passable([self] { self->submit(); });
                         });
    }

    void submit() {
        if (state_->stopped) return;
        request_ = parser_->release();
        if (state_->suffers) watch();
        working_ = true;
        state_->desk.submit(rest_request(), [self = this->shared_from_this()](RestReply reply) {
            self->state_->when_passable([self, reply = std::move(reply)] { self->write(reply); });
        });
    }

    // Notices a client that gives up while its request runs.
    void watch() {
        if (watching_) return;
        watching_ = true;
        lowest().socket().async_wait(tcp::socket::wait_read,
                                     [self = this->shared_from_this()](error_code error) {
                                         self->watching_ = false;
                                         if (error || !self->working_) return;
                                         self->gone_ = peer_gone(self->lowest().socket());
                                         if (self->gone_) self->state_->aborted();
                                     });
    }

    RestRequest rest_request() const {
        const char* const scheme = kTls ? "https" : "http";
        return {.method = text(request_.method_string()),
                .target = text(request_.target()),
                .content_type = text(request_[http::field::content_type]),
                .authorization = text(request_[http::field::authorization]),
                .body = request_.body(),
                .origin = fmt::format("{}://{}", scheme, text(request_[http::field::host])),
                .client = client_};
    }

    void write(RestReply reply) {
        working_ = false;
        if (gone_) return;
        reply = state_->passed(std::move(reply));
        const bool cut = reply.cut;
        response_ = http_response(std::move(reply), request_);
        if (cut) return write_half();
        lowest().expires_after(state_->options.idle_limit);
        http::async_write(stream_, response_,
                          [self = this->shared_from_this()](error_code error, std::size_t) {
                              if (error) return;
                              self->response_.need_eof() ? self->finish() : self->read();
                          });
    }

    void write_half() {
        http::response<http::string_body> half = response_;
        half.body().resize(half.body().size() / 2);
        half_ = fmt::format(
            "HTTP/1.1 {} OK\r\nContent-Type: application/json\r\n"
            "Content-Length: {}\r\n\r\n{}",
            half.result_int(), response_.body().size(), half.body());
        asio::async_write(
            stream_, asio::buffer(half_),
            [self = this->shared_from_this()](error_code, std::size_t) { self->reset(); });
    }

    void finish() {
        if constexpr (kTls) {
            stream_.async_shutdown([self = this->shared_from_this()](error_code) {});
        } else {
            error_code ignored;
            lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
        }
    }

    std::shared_ptr<State> state_;
    Stream stream_;
    std::string client_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::request<http::string_body> request_;
    http::response<http::string_body> response_;
    std::string half_;       // of a reply that is cut
    bool working_ = false;   // a request runs
    bool watching_ = false;  // for the client to go while it does
    bool gone_ = false;      // it went
};

}  // namespace

// A port. It stays bound while nothing listens, so that no other program takes it: the kernel
// refuses connections to it.
class RestServer::Listener {
  public:
    Listener(std::shared_ptr<State> state, tcp::endpoint endpoint)
        : state_(*state), weak_state_(state), acceptor_(state->loop), endpoint_(endpoint) {}

    error_code speak_tls(const TlsIdentity& identity) {
        error_code error;
        auto& context = tls_.emplace(asio::ssl::context::tls_server);
        auto* const native = context.native_handle();
        SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
        SSL_CTX_set_max_proto_version(native, TLS1_2_VERSION);
        context.use_certificate_chain(asio::buffer(identity.certificate_pem), error);
        if (error) return error;
        context.use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem, error);
        return error;
    }

    error_code bind() {
        error_code error;
        acceptor_.open(endpoint_.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint_, error);
        if (!error) endpoint_ = acceptor_.local_endpoint(error);
        return error;
    }

    error_code listen() {
        error_code error;
        acceptor_.listen(asio::socket_base::max_listen_connections, error);
        listening_ = !error;
        if (listening_) accept();
        return error;
    }

    // Refuses from here on; `listen` takes up again.
    error_code pause() {
        error_code ignored;
        listening_ = false;
        acceptor_.close(ignored);
        return bind();
    }

    [[nodiscard]] std::uint16_t port() const { return endpoint_.port(); }

  private:
    void accept() {
        acceptor_.async_accept([this](error_code error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (!error) take(std::move(socket));
            if (listening_) accept();
        });
    }

    void take(tcp::socket socket) {
        auto& counts = state_.desk.counts();
        ++counts.accepted;
        if (state_.reach == Reach::reset || state_.reach == Reach::refuse || state_.resetting) {
            reset_connection(socket);
        } else if (state_.connections.size() >= state_.options.max_sessions) {
            ++counts.refused;
        } else {
            auto connection = made(std::move(socket));
            state_.when_passable([connection] { connection->start(); });
        }
    }

    std::shared_ptr<Connection> made(tcp::socket socket) {
        using Plain = StreamConnection<beast::tcp_stream, State>;
        using Tls = StreamConnection<beast::ssl_stream<beast::tcp_stream>, State>;
        auto state = weak_state_.lock();
        if (tls_) return std::make_shared<Tls>(std::move(state), std::move(socket), *tls_);
        return std::make_shared<Plain>(std::move(state), std::move(socket));
    }

    State& state_;  // owns this listener
    std::weak_ptr<State> weak_state_;
    tcp::acceptor acceptor_;
    tcp::endpoint endpoint_;
    std::optional<asio::ssl::context> tls_;
    bool listening_ = false;
};

RestServer::State::State(asio::io_context& io, RequestDesk& request_desk,
                         RestServerOptions server_options)
    : loop(io),
      desk(request_desk),
      options(server_options),
      usual_sessions(server_options.max_sessions),
      memory(io),
      healing(io) {}

RestServer::State::~State() = default;

RestServer::RestServer(asio::io_context& loop, RequestDesk& desk, RestServerOptions options)
    : state_(std::make_shared<State>(loop, desk, options)) {}

RestServer::~RestServer() {
    state_->stopped = true;
    state_->held.clear();
    for (auto* const connection : std::set(state_->connections)) connection->reset();
    state_->listeners.clear();
}

Result<std::uint16_t> RestServer::listen(const std::string& address, std::uint16_t port,
                                         const TlsIdentity* identity) {
    error_code error;
    const auto parsed = asio::ip::make_address(address, error);
    if (error) {
        return fail(
            ErrorKind::invalid_input,
            fmt::format("'{}' is not an address to listen on; give one in digits", address));
    }
    auto listener = std::make_unique<Listener>(state_, tcp::endpoint(parsed, port));
    if (identity != nullptr) error = listener->speak_tls(*identity);
    if (!error) error = listener->bind();
    if (!error) error = listener->listen();
    if (error) {
        return fail(ErrorKind::system,
                    fmt::format("cannot listen on {} port {}: {}", address, port, error.message()),
                    error.value());
    }
    state_->listeners.push_back(std::move(listener));
    return state_->listeners.back()->port();
}

void RestServer::set_reach(Reach reach) {
    const Reach before = std::exchange(state_->reach, reach);
    if (reach == Reach::refuse && before != Reach::refuse) {
        for (const auto& listener : state_->listeners) listener->pause();
    }
    if (reach != Reach::refuse && before == Reach::refuse) {
        for (const auto& listener : state_->listeners) listener->listen();
    }
    if (reach == Reach::refuse || reach == Reach::reset) {
        state_->held.clear();
        for (auto* const connection : std::set(state_->connections)) connection->reset();
    }
    if (reach == Reach::open) {
        for (const auto& step : std::exchange(state_->held, {})) step();
    }
}

void RestServer::disconnect() {
    for (auto* const connection : std::set(state_->connections)) connection->close();
}

void RestServer::set_max_sessions(std::size_t most) {
    state_->options.max_sessions = most;
}

void RestServer::suffer_aborts(bool suffer) {
    state_->suffers = suffer;
}

void RestServer::damage() {
    state_->damage();
}

void RestServer::mend() {
    state_->options.max_sessions = state_->usual_sessions;
    state_->suffers = state_->endangered = state_->resetting = state_->misdelivers = false;
    state_->memory.cancel();
    state_->healing.cancel();
}

Reach RestServer::reach() const {
    return state_->reach;
}

}  // namespace wanctl::sim
