#include "common/http/session.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "common/http/pace.hpp"
#include "common/http/token.hpp"

namespace wanctl::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Stream = beast::basic_stream<Protocol, asio::io_context::executor_type>;
using Parser = beast::http::request_parser<beast::http::empty_body>;
using Response = beast::http::response<beast::http::string_body>;
using beast::http::field;

// How long what a leaving reader still sends is read and dropped, so that it sees the answer and
// not a reset connection.
constexpr Nanos kLinger = std::chrono::seconds(1);
constexpr int kLingerReads = 64;
// Requests that were sent ahead wait here.
constexpr std::size_t kBuffer = 16384;

int family_of(int connection) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(connection, reinterpret_cast<sockaddr*>(&address), &size);
    return address.ss_family;
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

// Whether the request line is one but for its version: "GET / HTTP/2.0\r\n".
bool other_version(std::string_view sent) {
    const std::string_view line = sent.substr(0, sent.find('\n'));
    constexpr std::string_view kLike = " HTTP/0.0\r";
    if (line.size() == sent.size() || line.size() < kLike.size()) return false;
    std::string end(line.substr(line.size() - kLike.size()));
    for (char& c : end)
        if (c >= '0' && c <= '9') c = '0';
    return end == kLike;
}

// Of the answer to bytes that are no request of ours; 0 when there is nobody to answer.
unsigned status_of(const error_code& error, std::string_view sent) {
    using Error = beast::http::error;
    if (error == Error::end_of_stream || error == Error::partial_message) return 0;
    if (error == Error::header_limit || error == Error::buffer_overflow) return 431;
    if (error == Error::body_limit || error == Error::unexpected_body) return 413;
    // This is what a line that ends without a carriage return is called as well.
    if (error == Error::bad_version && other_version(sent)) return 505;
    const error_code any = Error::end_of_stream;
    return error.category() == any.category() ? 400 : 0;
}

std::string_view reason_of(unsigned status) {
    switch (status) {
        case 401:
            return "the bearer token is missing or wrong";
        case 405:
            return "only GET and HEAD are answered";
        case 413:
            return "requests have no body here";
        case 431:
            return "the header is too large, allowed: fewer and shorter fields";
        case 500:
            return "the answer could not be made";
        case 505:
            return "allowed: HTTP/1.0 and HTTP/1.1";
        default:
            return "this is no HTTP request";
    }
}

class Connection final : public Session, public std::enable_shared_from_this<Connection> {
  public:
    Connection(asio::io_context& loop, Fd connection, std::shared_ptr<Shared> shared)
        : stream_(loop.get_executor()), buffer_(kBuffer), shared_(std::move(shared)) {
        ++shared_->counters.open;
        const Protocol protocol(family_of(connection.get()), 0);
        stream_.socket().assign(protocol, connection.release());
    }
    ~Connection() override { --shared_->counters.open; }

    void close() override { stream_.close(); }

    void read() {
        parser_.emplace();
        parser_->header_limit(shared_->limits.header);
        parser_->body_limit(std::uint64_t{0});
        // For the whole of it: sending a byte now and then gains a reader nothing.
        stream_.expires_after(shared_->limits.idle);
        beast::http::async_read(stream_, buffer_, *parser_,
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    self->has_read(error);
                                });
    }

  private:
    void has_read(const error_code& error) {
        if (error) {
            if (error == beast::error::timeout) ++shared_->counters.timed_out;
            const auto sent = buffer_.cdata();
            const unsigned status =
                status_of(error, {static_cast<const char*>(sent.data()), sent.size()});
            if (status != 0) return refuse(status);
            if (error == beast::http::error::end_of_stream) linger();
            return;
        }
        const auto& request = parser_->get();
        version_ = request.version();
        keep_ = request.keep_alive();
        head_ = request.method() == beast::http::verb::head;
        if (version_ != 10 && version_ != 11) return refuse(505);
        if (static_cast<std::size_t>(std::distance(request.begin(), request.end())) >
            shared_->limits.fields)
            return refuse(431);
        const std::string_view target = view(request.target());
        if ((version_ == 11 && request.count(field::host) != 1) || target.empty() ||
            target.front() != '/')
            return refuse(400);
        if (!shared_->token.empty() &&
            !shows_token(view(request[field::authorization]), shared_->token))
            return say(401);
        if (!head_ && request.method() != beast::http::verb::get) return say(405);
        stream_.expires_never();
        if (!shared_->pace) return ask();
        shared_->pace->run([self = shared_from_this()] { self->ask(); });
    }

    void ask() {
        if (!shared_->respond) return close();
        const std::string_view target = view(parser_->get().target());
        const std::size_t mark = target.find('?');
        const Request request{target.substr(0, mark), mark == std::string_view::npos
                                                          ? std::string_view()
                                                          : target.substr(mark + 1)};
        waiting_ = true;
        try {
            shared_->respond(request, [self = shared_from_this()](Answer answer) {
                if (std::exchange(self->waiting_, false)) self->write(std::move(answer));
            });
        } catch (const std::exception&) {
            if (std::exchange(waiting_, false)) say(500);
        }
    }

    void say(unsigned status) { write(error_answer(status, reason_of(status))); }

    // What follows in the stream cannot be trusted to begin a request.
    void refuse(unsigned status) {
        version_ = 11;
        keep_ = false;
        say(status);
    }

    void write(Answer answer) {
        if (!stream_.socket().is_open()) return;
        const Limits& limits = shared_->limits;
        const unsigned status = answer.status;
        ++shared_->counters.answers[std::min(status / 100, 5U)];
        response_.emplace(static_cast<beast::http::status>(status), version_);
        response_->set(field::content_type, {answer.type.data(), answer.type.size()});
        if (status == 401) response_->set(field::www_authenticate, "Bearer");
        if (status == 405) response_->set(field::allow, "GET, HEAD");
        response_->keep_alive(keep_);
        response_->body() = std::move(answer.body);
        response_->prepare_payload();
        serializer_.emplace(*response_);
        serializer_->limit(limits.piece);
        const auto pieces = static_cast<Nanos::rep>(response_->body().size() / limits.piece);
        stream_.expires_after(limits.idle + pieces * limits.piece_time);
        const auto done = [self = shared_from_this()](const error_code& error, std::size_t) {
            self->has_written(error);
        };
        if (head_)
            beast::http::async_write_header(stream_, *serializer_, done);
        else
            beast::http::async_write(stream_, *serializer_, done);
    }

    void has_written(const error_code& error) {
        if (error == beast::error::timeout) ++shared_->counters.timed_out;
        if (error) return close();
        serializer_.reset();
        response_.reset();
        if (keep_)
            read();
        else
            linger();
    }

    void linger() {
        error_code ignored;
        stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
        stream_.expires_after(kLinger);
        drop(kLingerReads);
    }

    void drop(int reads) {
        buffer_.clear();
        stream_.async_read_some(
            buffer_.prepare(kBuffer),
            [self = shared_from_this(), reads](const error_code& error, std::size_t) {
                if (error || reads == 0) return self->close();
                self->drop(reads - 1);
            });
    }

    Stream stream_;
    beast::flat_buffer buffer_;
    std::shared_ptr<Shared> shared_;
    std::optional<Parser> parser_;
    std::optional<Response> response_;
    std::optional<beast::http::response_serializer<beast::http::string_body>> serializer_;
    unsigned version_ = 11;
    bool keep_ = false;
    bool head_ = false;
    bool waiting_ = false;
};

}  // namespace

std::shared_ptr<Session> start_session(asio::io_context& loop, Fd connection,
                                       std::shared_ptr<Shared> shared) {
    auto session = std::make_shared<Connection>(loop, std::move(connection), std::move(shared));
    session->read();
    return session;
}

}  // namespace wanctl::http
