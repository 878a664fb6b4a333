#include "common/transfer/curl_loop.hpp"

#include <fcntl.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "common/transfer/lazy_timer.hpp"

namespace wanctl::transfer {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

// One socket curl is interested in. Waits in flight hold it too; `gone` tells them to do nothing.
struct Watch {
    Watch(boost::asio::io_context& loop, curl_socket_t socket)
        : descriptor(loop, socket), fd(socket) {}
    ~Watch() { let_go(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Hands the descriptor back without closing it: it belongs to curl.
    void let_go() {
        if (!gone) descriptor.release();
        gone = true;
    }

    Descriptor descriptor;
    curl_socket_t fd;
    int wanted = 0;  // CURL_POLL_IN | CURL_POLL_OUT
    bool reading = false;
    bool writing = false;
    bool gone = false;
};

}  // namespace

struct CurlLoop::Impl : std::enable_shared_from_this<Impl> {
    Impl(boost::asio::io_context& the_loop, const Clock& the_clock, Finished the_finished)
        : loop(the_loop),
          clock(the_clock),
          finished(std::move(the_finished)),
          timer(the_loop, the_clock, [this](SteadyTime) { act(CURL_SOCKET_TIMEOUT, 0); }),
          multi(curl_multi_init()) {
        if (multi == nullptr) throw std::runtime_error("curl_multi_init failed");
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);
        curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
        static_cast<Impl*>(self)->watch_socket(fd, what);
        return 0;
    }
    static int on_timer(CURLM*, long timeout_ms, void* self) {
        static_cast<Impl*>(self)->set_timeout(timeout_ms);
        return 0;
    }

    void set_timeout(long timeout_ms) {
        if (timeout_ms < 0) return timer.set(std::nullopt);
        // start() acts on the immediate timeout itself, in the same turn of the loop.
        if (timeout_ms == 0 && starting) return;
        timer.set(clock.steady() + std::chrono::milliseconds(timeout_ms));
    }

    void watch_socket(curl_socket_t fd, int what) {
        const auto found = std::find_if(watches.begin(), watches.end(),
                                        [fd](const auto& watch) { return watch->fd == fd; });
        if (what == CURL_POLL_REMOVE) {
            if (found == watches.end()) return;
            (*found)->let_go();
            watches.erase(found);
            return;
        }
        std::shared_ptr<Watch> watch =
            found != watches.end() ? *found : watches.emplace_back(new_watch(fd));
        watch->wanted = what;
        arm(watch);
    }

    // The kept connection is waited for already.
    std::shared_ptr<Watch> new_watch(curl_socket_t fd) {
        if (idle && idle->fd == fd) return std::exchange(idle, nullptr);
        return std::make_shared<Watch>(loop, fd);
    }

    void arm(const std::shared_ptr<Watch>& watch) {
        if ((watch->wanted & CURL_POLL_IN) != 0 && !watch->reading) {
            watch->reading = true;
            watch->descriptor.async_wait(Descriptor::wait_read,
                                         [weak = weak_from_this(), watch](const auto& error) {
                                             watch->reading = false;
                                             ready(weak, watch, CURL_CSELECT_IN, error);
                                         });
        }
        if ((watch->wanted & CURL_POLL_OUT) != 0 && !watch->writing) {
            watch->writing = true;
            watch->descriptor.async_wait(Descriptor::wait_write,
                                         [weak = weak_from_this(), watch](const auto& error) {
                                             watch->writing = false;
                                             ready(weak, watch, CURL_CSELECT_OUT, error);
                                         });
        }
    }

    static void ready(const std::weak_ptr<Impl>& weak, const std::shared_ptr<Watch>& watch,
                      int event, const boost::system::error_code& error) {
        if (error || watch->gone) return;
        const int wanted_bit = event == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
        const std::shared_ptr<Impl> self = weak.lock();
        if (!self || (watch->wanted & wanted_bit) == 0) return;
        if (watch == self->idle) {
            self->leave_idle();
            return std::exchange(self->idle_ended, nullptr)();
        }
        self->act(watch->fd, event);
        if (!watch->gone) self->arm(watch);
    }

    void act(curl_socket_t fd, int event) {
        int running = 0;
        curl_multi_socket_action(multi, fd, event, &running);
        for (;;) {
            int left = 0;
            const CURLMsg* message = curl_multi_info_read(multi, &left);
            if (message == nullptr) return;
            if (message->msg != CURLMSG_DONE) continue;
            const CURLcode code = message->data.result;
            curl_multi_remove_handle(multi, message->easy_handle);
            finished(code);
        }
    }

    void watch_idle(curl_socket_t fd, std::function<void()> ended) {
        leave_idle();
        // Closed without a word: its end is then met by the next request.
        if (::fcntl(fd, F_GETFD) < 0) return;
        idle_ended = std::move(ended);
        idle = std::make_shared<Watch>(loop, fd);
        idle->wanted = CURL_POLL_IN;
        arm(idle);
    }

    void leave_idle() {
        if (idle) idle->let_go();
        idle.reset();
    }

    void start(CURL* easy) {
        const std::shared_ptr<Watch> kept = idle;
        starting = true;
        curl_multi_add_handle(multi, easy);
        starting = false;
        act(CURL_SOCKET_TIMEOUT, 0);
        // Not taken over: curl has chosen another connection.
        if (kept && kept == idle) leave_idle();
    }

    // Before the members go: curl reports removed sockets while it closes its connections.
    void close() {
        leave_idle();
        curl_multi_cleanup(multi);
        multi = nullptr;
        for (const auto& watch : watches) watch->let_go();
        watches.clear();
        timer.set(std::nullopt);
    }

    boost::asio::io_context& loop;
    const Clock& clock;
    Finished finished;
    LazyTimer timer;
    std::vector<std::shared_ptr<Watch>> watches;
    std::shared_ptr<Watch> idle;  // the kept connection's, between transfers
    std::function<void()> idle_ended;
    bool starting = false;
    CURLM* multi;
};

CurlLoop::CurlLoop(boost::asio::io_context& loop, const Clock& clock, Finished finished)
    : impl_(std::make_shared<Impl>(loop, clock, std::move(finished))) {}

CurlLoop::~CurlLoop() {
    impl_->close();
}

void CurlLoop::start(void* easy) {
    impl_->start(easy);
}

void CurlLoop::cancel(void* easy) {
    curl_multi_remove_handle(impl_->multi, easy);
}

void CurlLoop::watch_idle(int socket, std::function<void()> ended) {
    impl_->watch_idle(socket, std::move(ended));
}

void CurlLoop::forget_idle(int socket) {
    if (impl_->idle && impl_->idle->fd == socket) impl_->leave_idle();
}

}  // namespace wanctl::transfer
