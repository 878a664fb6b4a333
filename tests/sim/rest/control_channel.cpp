#include "tests/sim/rest/control_channel.hpp"

#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace wanctl::sim {

namespace asio = boost::asio;
using boost::system::error_code;
using local = asio::local::stream_protocol;

namespace {

constexpr std::size_t kLongestLine = 64 * 1024;

}  // namespace

// One connected test. Ends when it hangs up, or sends a line that is too long.
class ControlChannel::Client : public std::enable_shared_from_this<Client> {
  public:
    Client(local::socket socket, const CommandTable& commands)
        : socket_(std::move(socket)), commands_(commands) {}

    void read() {
        asio::async_read_until(socket_, asio::dynamic_buffer(input_, kLongestLine), '\n',
                               [self = shared_from_this()](error_code error, std::size_t size) {
                                   if (!error) self->answer(size);
                               });
    }

  private:
    void answer(std::size_t size) {
        output_ = commands_.run(std::string_view(input_).substr(0, size - 1)) + "\n";
        input_.erase(0, size);
        asio::async_write(socket_, asio::buffer(output_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    local::socket socket_;
    const CommandTable& commands_;
    std::string input_;
    std::string output_;
};

struct ControlChannel::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop, const CommandTable& table) : acceptor(loop), commands(table) {}

    void accept() {
        acceptor.async_accept([self = shared_from_this()](error_code error, local::socket socket) {
            if (error) return;
            std::make_shared<Client>(std::move(socket), self->commands)->read();
            self->accept();
        });
    }

    local::acceptor acceptor;
    const CommandTable& commands;
    std::string path;
};

ControlChannel::ControlChannel(asio::io_context& loop, const CommandTable& commands)
    : state_(std::make_shared<State>(loop, commands)) {}

ControlChannel::~ControlChannel() {
    error_code ignored;
    state_->acceptor.close(ignored);
    if (!state_->path.empty()) ::unlink(state_->path.c_str());
}

Result<void> ControlChannel::listen(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());
    error_code error;
    auto& acceptor = state_->acceptor;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) error = asio::error::name_too_long;
    if (!error) acceptor.open(local(), error);
    if (!error) acceptor.bind(local::endpoint(path), error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return fail(ErrorKind::system,
                    fmt::format("cannot take commands on {}: {}", path, error.message()),
                    error.value());
    }
    state_->path = path;
    state_->accept();
    return {};
}

}  // namespace wanctl::sim
