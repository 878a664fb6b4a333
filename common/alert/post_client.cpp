#include "common/alert/post_client.hpp"

#include <stdexcept>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "common/transfer/curl_loop.hpp"
#include "common/transfer/easy_options.hpp"

namespace wanctl::alert {

namespace {

using End = Attempt::End;

// curl's own words may quote the URL or its host.
std::string_view words(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "its host is not known";
        case CURLE_COULDNT_CONNECT:
            return "no connection";
        case CURLE_OPERATION_TIMEDOUT:
            return "no answer in time";
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ISSUER_ERROR:
            return "its certificate is not trusted; ca_file names another authority";
        case CURLE_SSL_CACERT_BADFILE:
            return "ca_file cannot be used";
        // Other URLs do not come here; so curl calls an answer without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL:
            return "the answer is no HTTP";
        case CURLE_URL_MALFORMAT:
            return "its URL cannot be used";
        default:
            return "the connection broke";
    }
}

End end_of(int status) {
    if (status >= 200 && status < 300) return End::delivered;
    constexpr int kTimeout = 408;
    constexpr int kTooEarly = 425;
    constexpr int kTooMany = 429;
    const bool passes = status == kTimeout || status == kTooEarly || status == kTooMany;
    return passes || status >= 500 ? End::try_again : End::refused;
}

std::size_t drop_body(const char*, std::size_t, std::size_t length, void*) {
    return length;
}

}  // namespace

struct PostClient::Impl {
    Impl(boost::asio::io_context& io, const Clock& clock, const std::string& ca_file, Done the_done)
        : done(std::move(the_done)),
          loop(io, clock, [this](int code) { finish(static_cast<CURLcode>(code)); }),
          easy(curl_easy_init()) {
        if (easy == nullptr) throw std::runtime_error("curl_easy_init failed");
        transfer::set_limits(easy, {kConnectTimeout, kTimeout});
        transfer::set_trust(easy, {ca_file, {}, true});
        set(CURLOPT_FORBID_REUSE, 1L);
        set(CURLOPT_POST, 1L);
        set(CURLOPT_USERAGENT, "wanctl");
        set(CURLOPT_WRITEFUNCTION, &drop_body);
    }
    ~Impl() {
        if (busy) loop.cancel(easy);
        curl_easy_cleanup(easy);
        curl_slist_free_all(headers);
        curl_slist_free_all(resolve);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    template <typename Value>
    void set(CURLoption option, Value value) {
        if (curl_easy_setopt(easy, option, value) != CURLE_OK)
            throw std::runtime_error(
                fmt::format("this libcurl refuses option {}", static_cast<int>(option)));
    }

    void start(const Target& target, Post the_post) {
        if (busy) throw std::logic_error("PostClient::start() while a request is in flight");
        post = std::move(the_post);
        forget();
        // Without "Expect: 100-continue", which some receivers never answer.
        headers = curl_slist_append(nullptr, "Expect:");
        for (const std::string& line : post.headers)
            headers = curl_slist_append(headers, line.c_str());
        if (!target.resolve.empty()) resolve = curl_slist_append(nullptr, target.resolve.c_str());
        set(CURLOPT_HTTPHEADER, headers);
        set(CURLOPT_RESOLVE, resolve);
        set(CURLOPT_POSTFIELDS, post.body.c_str());
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
        set(CURLOPT_URL, target.url.c_str());
        busy = true;
        loop.start(easy);
    }

    void forget() {
        curl_slist_free_all(std::exchange(headers, nullptr));
        curl_slist_free_all(std::exchange(resolve, nullptr));
    }

    template <typename Value>
    Value info(CURLINFO what) {
        Value value{};
        curl_easy_getinfo(easy, what, &value);
        return value;
    }

    void finish(CURLcode code) {
        busy = false;
        PostResult result;
        result.took = Micros(info<curl_off_t>(CURLINFO_TOTAL_TIME_T));
        const auto status = static_cast<int>(info<long>(CURLINFO_RESPONSE_CODE));
        if (code == CURLE_OK) {
            result.status = status;
            result.attempt.end = end_of(status);
            result.text = fmt::format("answered {}", status);
            const auto wait = info<curl_off_t>(CURLINFO_RETRY_AFTER);
            if (wait > 0) result.attempt.wait = std::chrono::seconds(std::min(wait, kLongestWait));
        } else {
            result.text = words(code);
        }
        set(CURLOPT_URL, static_cast<const char*>(nullptr));
        done(result);
    }

    static constexpr curl_off_t kLongestWait = 86400;

    Done done;
    Post post;  // curl reads it until the answer is there
    bool busy = false;
    curl_slist* headers = nullptr;
    curl_slist* resolve = nullptr;
    transfer::CurlLoop loop;
    CURL* easy;
};

PostClient::PostClient(boost::asio::io_context& loop, const Clock& clock,
                       const std::string& ca_file, Done done) {
    // curl counts these calls and its cleanups itself.
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        throw std::runtime_error("curl_global_init failed");
    impl_ = std::make_unique<Impl>(loop, clock, ca_file, std::move(done));
}

PostClient::~PostClient() {
    impl_.reset();
    curl_global_cleanup();
}

void PostClient::start(const Target& target, Post post) {
    impl_->start(target, std::move(post));
}

}  // namespace wanctl::alert
