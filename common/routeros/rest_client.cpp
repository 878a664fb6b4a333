#include "common/routeros/rest_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/format.h>

#include "common/routeros/records.hpp"
#include "common/transfer/curl_library.hpp"
#include "common/transfer/easy_handle.hpp"
#include "common/transfer/easy_options.hpp"
#include "common/transfer/text_list.hpp"

namespace wanctl::routeros {
namespace {

// A router whose kernel acknowledges nothing for this long is gone (power, cable, reboot). One that
// is only slow acknowledges at once and is waited for.
constexpr int kPeerGoneMs = 5000;
// So an idle connection to a router that restarted without a word ends within five seconds, too.
constexpr int kKeepAliveIdleS = 3;
constexpr int kKeepAliveIntervalS = 1;

void set_tcp_option(curl_socket_t fd, int level, int option, int value) {
    // Without the option a dead peer is only noticed later; nothing else depends on it.
    static_cast<void>(setsockopt(fd, level, option, &value, sizeof value));
}

int tune_socket(void*, curl_socket_t fd, curlsocktype) {
    set_tcp_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kPeerGoneMs);
    set_tcp_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_tcp_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleS);
    set_tcp_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalS);
    return CURL_SOCKOPT_OK;
}

TransportFault fault_of(CURLcode code, bool sent, bool oversized) {
    if (oversized) return TransportFault::oversized;
    switch (code) {
        case CURLE_OK:
            return TransportFault::none;
        case CURLE_COULDNT_RESOLVE_HOST:
            return TransportFault::name_lookup;
        case CURLE_COULDNT_CONNECT:
            return TransportFault::no_connection;
        case CURLE_OPERATION_TIMEDOUT:
            return sent ? TransportFault::timed_out : TransportFault::no_connection;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_ISSUER_ERROR:
            return TransportFault::untrusted;
        case CURLE_SSL_CACERT_BADFILE:
            return TransportFault::bad_ca_file;
        case CURLE_FILESIZE_EXCEEDED:
            return TransportFault::oversized;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
            return TransportFault::not_http;
        default:
            return TransportFault::broken;
    }
}

}  // namespace

struct RestClient::Impl {
    Impl(boost::asio::io_context& io, const Clock& clock, RestOptions the_options, Done the_done)
        : options(std::move(the_options)),
          done(std::move(the_done)),
          place(fmt::format("{} (user {})", printable(options.url), printable(options.user))),
          easy(io, clock, [this](CURLcode code) { finish(code); }) {
        while (!options.url.empty() && options.url.back() == '/') options.url.pop_back();
        set_up_transfer();
    }

    void set_up_transfer() {
        transfer::set_limits(easy, {options.connect_timeout, options.request_timeout});
        transfer::set_trust(easy, {options.ca_file, options.pinned_public_key, options.verify});
        headers.add("Content-Type: application/json");
        headers.add("Accept: application/json");
        easy.set(CURLOPT_HTTPHEADER, headers.get());
        easy.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        easy.set(CURLOPT_USERNAME, options.user.c_str());
        easy.set(CURLOPT_PATH_AS_IS, 1L);
        // Writes may be minutes apart: curl's own limit of 118 s would cost a handshake each time.
        easy.set(CURLOPT_MAXAGE_CONN, 24L * 3600L);
        easy.set(CURLOPT_SOCKOPTFUNCTION, &tune_socket);
        easy.set(CURLOPT_OPENSOCKETFUNCTION, &Impl::on_connect);
        easy.set(CURLOPT_OPENSOCKETDATA, this);
        easy.set(CURLOPT_CLOSESOCKETFUNCTION, &Impl::on_close);
        easy.set(CURLOPT_CLOSESOCKETDATA, this);
        easy.set(CURLOPT_WRITEFUNCTION, &Impl::on_body);
        easy.set(CURLOPT_WRITEDATA, this);
        easy.set(CURLOPT_ERRORBUFFER, &error_text[0]);
    }

    static std::size_t on_body(const char* data, std::size_t, std::size_t length, void* self) {
        return static_cast<Impl*>(self)->take_body(data, length);
    }
    // Asked for every new connection, also for the one by which curl itself repeats a request whose
    // connection broke.
    static curl_socket_t on_connect(void* self, curlsocktype, curl_sockaddr* address) {
        auto& impl = *static_cast<Impl*>(self);
        impl.stale = !impl.may_connect;
        if (impl.stale) return CURL_SOCKET_BAD;
        const int fd =
            ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd >= 0) impl.sockets.push_back(fd);
        return fd;
    }
    static int on_close(void* self, curl_socket_t fd) {
        auto& impl = *static_cast<Impl*>(self);
        auto& open = impl.sockets;
        open.erase(std::remove(open.begin(), open.end(), fd), open.end());
        impl.easy.loop().forget_idle(fd);
        return ::close(fd);
    }
    std::size_t take_body(const char* data, std::size_t length) {
        if (body.size() + length > options.max_reply_bytes) {
            oversized = true;
            return 0;
        }
        body.append(data, length);
        return length;
    }

    void start(const Request& request) {
        if (easy.busy()) throw std::logic_error("RestClient::start() while a request is in flight");
        if (next_password) {
            easy.set(CURLOPT_PASSWORD, next_password->c_str());
            next_password.reset();
        }
        url = options.url;
        url += request.path;
        sent_body = request.body;
        body.clear();
        error_text[0] = '\0';
        oversized = false;
        stale = false;
        may_connect = request.may_connect;
        easy.set(CURLOPT_URL, url.c_str());
        if (request.method == Method::get) {
            easy.set(CURLOPT_CUSTOMREQUEST, static_cast<const char*>(nullptr));
            easy.set(CURLOPT_HTTPGET, 1L);
        } else {
            easy.set(CURLOPT_POST, 1L);
            easy.set(CURLOPT_CUSTOMREQUEST, request.method == Method::patch ? "PATCH" : "POST");
            easy.set(CURLOPT_POSTFIELDS, sent_body.c_str());
            easy.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(sent_body.size()));
        }
        ++counters.requests;
        easy.start();
    }

    void finish(CURLcode code) {
        const bool sent = easy.info<long>(CURLINFO_REQUEST_SIZE) > 0;
        const char* type = easy.info<char*>(CURLINFO_CONTENT_TYPE);
        const long opened = stale ? 0L : easy.info<long>(CURLINFO_NUM_CONNECTS);
        Exchange exchange;
        exchange.fault = stale ? TransportFault::stale : fault_of(code, sent, oversized);
        exchange.fault_text = error_text[0] != '\0' ? error_text : curl_easy_strerror(code);
        exchange.status = static_cast<int>(easy.info<long>(CURLINFO_RESPONSE_CODE));
        exchange.content_type = type != nullptr ? type : "";
        exchange.body = body;
        Reply reply = classify(exchange, place);
        reply.latency = Micros(easy.info<curl_off_t>(CURLINFO_TOTAL_TIME_T));
        reply.reconnected = opened > 0;
        counters.connections += static_cast<std::uint64_t>(opened);
        counters.bytes_sent +=
            static_cast<std::uint64_t>(easy.info<long>(CURLINFO_REQUEST_SIZE)) +
            static_cast<std::uint64_t>(easy.info<curl_off_t>(CURLINFO_SIZE_UPLOAD_T));
        counters.bytes_received +=
            static_cast<std::uint64_t>(easy.info<long>(CURLINFO_HEADER_SIZE)) + body.size();
        ++counters.replies[static_cast<std::size_t>(reply.state)];
        // No connection is kept after a fault, and curl closes an attempt that timed out unasked.
        if (exchange.fault != TransportFault::none) sockets.clear();
        done(std::move(reply));
        // While several addresses are tried there are more.
        if (!easy.busy() && idle_ended && sockets.size() == 1)
            easy.loop().watch_idle(sockets[0], idle_ended);
    }

    transfer::CurlLibrary curl;
    RestOptions options;
    Done done;
    std::string place;
    RestCounters counters;
    std::optional<std::string> next_password;
    std::string url;
    std::string sent_body;  // curl reads it until the reply is there
    std::string body;
    char error_text[CURL_ERROR_SIZE] = {};
    bool oversized = false;
    bool may_connect = true;
    bool stale = false;
    std::function<void()> idle_ended;
    std::vector<curl_socket_t> sockets;  // that curl has open; outlives `easy`, which closes them
    transfer::TextList headers;
    transfer::EasyHandle easy;
};

RestClient::RestClient(boost::asio::io_context& loop, const Clock& clock, RestOptions options,
                       Done done)
    : impl_(std::make_unique<Impl>(loop, clock, std::move(options), std::move(done))) {}

RestClient::~RestClient() = default;

void RestClient::set_password(const std::string& password) {
    // A request in flight is left alone.
    impl_->next_password = password;
}

bool RestClient::idle() const {
    return !impl_->easy.busy();
}

void RestClient::start(const Request& request) {
    impl_->start(request);
}

void RestClient::watch_idle_connection(std::function<void()> ended) {
    impl_->idle_ended = std::move(ended);
}

const RestCounters& RestClient::counters() const {
    return impl_->counters;
}

const std::string& RestClient::place() const {
    return impl_->place;
}

}  // namespace wanctl::routeros
