#include "tests/unit/routeros/scripted_server.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace wanctl::test {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string http_reply(int status, const std::string& body, const std::string& type) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status,
                       type, body.size(), body);
}

struct ScriptedServer::Impl : std::enable_shared_from_this<Impl> {
    struct Peer {
        explicit Peer(tcp::socket the_socket) : socket(std::move(the_socket)) {}
        tcp::socket socket;
        std::string input;
        std::string output;
    };
    struct Step {
        std::string raw;
        bool close = false;
    };

    explicit Impl(boost::asio::io_context& the_loop)
        : loop(the_loop),
          acceptor(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
        port = acceptor.local_endpoint().port();
    }

    void accept() {
        acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket s) {
            if (error) return;
            ++self->connections;
            auto peer = std::make_shared<Peer>(std::move(s));
            self->peers.push_back(peer);
            self->read(peer);
            self->accept();
        });
    }
    void read(const std::shared_ptr<Peer>& peer) {
        boost::asio::async_read_until(
            peer->socket, boost::asio::dynamic_buffer(peer->input), "\r\n\r\n",
            [self = shared_from_this(), peer](const error_code& error, std::size_t head) {
                if (!error) self->read_body(peer, head);
            });
    }
    void read_body(const std::shared_ptr<Peer>& peer, std::size_t head) {
        const std::size_t at = peer->input.find("Content-Length: ");
        const std::size_t length = at < head ? std::stoul(peer->input.substr(at + 16)) : 0;
        if (peer->input.size() >= head + length) return serve(peer, head + length);
        boost::asio::async_read(peer->socket, boost::asio::dynamic_buffer(peer->input),
                                boost::asio::transfer_exactly(head + length - peer->input.size()),
                                [self = shared_from_this(), peer, total = head + length](
                                    const error_code& error, auto) {
                                    if (!error) self->serve(peer, total);
                                });
    }
    void serve(const std::shared_ptr<Peer>& peer, std::size_t length) {
        requests.push_back(peer->input.substr(0, length));
        peer->input.erase(0, length);
        waiting.push_back(peer);
        if (handler) steps.push_back({handler(requests.back()), false});
        answer_waiting();
    }
    void answer_waiting() {
        if (waiting.empty() || steps.empty()) return;
        const auto peer = waiting.front();
        const Step step = steps.front();
        waiting.pop_front();
        steps.pop_front();
        peer->output = step.raw;
        boost::asio::async_write(peer->socket, boost::asio::buffer(peer->output),
                                 [self = shared_from_this(), peer, close = step.close](
                                     const error_code& error, std::size_t) {
                                     if (error) return;
                                     if (close)
                                         peer->socket.close();
                                     else
                                         self->read(peer);
                                 });
        answer_waiting();
    }
    void drop_all() {
        error_code ignored;
        acceptor.close(ignored);
        for (const auto& peer : peers) peer->socket.close(ignored);
        peers.clear();
        waiting.clear();
    }

    boost::asio::io_context& loop;
    tcp::acceptor acceptor;
    unsigned short port = 0;
    int connections = 0;
    std::vector<std::string> requests;
    std::vector<std::shared_ptr<Peer>> peers;
    std::deque<std::shared_ptr<Peer>> waiting;
    std::deque<Step> steps;
    std::function<std::string(const std::string&)> handler;
};

ScriptedServer::ScriptedServer(boost::asio::io_context& loop)
    : impl_(std::make_shared<Impl>(loop)) {
    impl_->accept();
}

ScriptedServer::~ScriptedServer() {
    impl_->drop_all();
}

std::string ScriptedServer::url() const {
    return fmt::format("http://127.0.0.1:{}", impl_->port);
}

void ScriptedServer::answer(std::string raw, bool close) {
    impl_->steps.push_back({std::move(raw), close});
    impl_->answer_waiting();
}

void ScriptedServer::answer_with(std::function<std::string(const std::string& request)> handler) {
    impl_->handler = std::move(handler);
}

void ScriptedServer::forget_requests() {
    impl_->requests.clear();
    impl_->requests.shrink_to_fit();
}

const std::vector<std::string>& ScriptedServer::requests() const {
    return impl_->requests;
}

std::size_t ScriptedServer::bytes_waiting() const {
    std::size_t total = 0;
    error_code ignored;
    for (const auto& peer : impl_->peers) total += peer->socket.available(ignored);
    return total;
}

int ScriptedServer::connections() const {
    return impl_->connections;
}

void ScriptedServer::go_away() {
    impl_->drop_all();
}

void ScriptedServer::come_back() {
    impl_->acceptor = tcp::acceptor(
        impl_->loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), impl_->port));
    impl_->accept();
}

bool run_until(boost::asio::io_context& loop, const std::function<bool()>& condition,
               std::chrono::seconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        loop.restart();
        loop.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace wanctl::test
