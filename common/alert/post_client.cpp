#include "common/alert/post_client.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "common/transfer/curl_library.hpp"
#include "common/transfer/easy_handle.hpp"
#include "common/transfer/easy_options.hpp"
#include "common/transfer/text_list.hpp"

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
        : done(std::move(the_done)), easy(io, clock, [this](CURLcode code) { finish(code); }) {
        transfer::set_limits(easy, {kConnectTimeout, kTimeout});
        transfer::set_trust(easy, {ca_file, {}, true});
        easy.set(CURLOPT_FORBID_REUSE, 1L);
        easy.set(CURLOPT_POST, 1L);
        easy.set(CURLOPT_USERAGENT, "wanctl");
        easy.set(CURLOPT_WRITEFUNCTION, &drop_body);
    }

    void start(const Target& target, Post the_post) {
        if (easy.busy()) throw std::logic_error("PostClient::start() while a request is in flight");
        post = std::move(the_post);
        headers.clear();
        // Without "Expect: 100-continue", which some receivers never answer.
        headers.add("Expect:");
        for (const std::string& line : post.headers) headers.add(line.c_str());
        resolve.clear();
        if (!target.resolve.empty()) resolve.add(target.resolve.c_str());
        easy.set(CURLOPT_HTTPHEADER, headers.get());
        easy.set(CURLOPT_RESOLVE, resolve.get());
        easy.set(CURLOPT_POSTFIELDS, post.body.c_str());
        easy.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
        easy.set(CURLOPT_URL, target.url.c_str());
        easy.start();
    }

    void finish(CURLcode code) {
        PostResult result;
        result.took = Micros(easy.info<curl_off_t>(CURLINFO_TOTAL_TIME_T));
        const auto status = static_cast<int>(easy.info<long>(CURLINFO_RESPONSE_CODE));
        if (code == CURLE_OK) {
            result.status = status;
            result.attempt.end = end_of(status);
            result.text = fmt::format("answered {}", status);
            const auto wait = easy.info<curl_off_t>(CURLINFO_RETRY_AFTER);
            if (wait > 0) result.attempt.wait = std::chrono::seconds(std::min(wait, kLongestWait));
        } else {
            result.text = words(code);
        }
        easy.set(CURLOPT_URL, static_cast<const char*>(nullptr));
        done(result);
    }

    static constexpr curl_off_t kLongestWait = 86400;

    transfer::CurlLibrary curl;
    Done done;
    Post post;  // curl reads it until the answer is there
    transfer::TextList headers;
    transfer::TextList resolve;
    transfer::EasyHandle easy;
};

PostClient::PostClient(boost::asio::io_context& loop, const Clock& clock,
                       const std::string& ca_file, Done done)
    : impl_(std::make_unique<Impl>(loop, clock, ca_file, std::move(done))) {}

PostClient::~PostClient() = default;

void PostClient::start(const Target& target, Post post) {
    impl_->start(target, std::move(post));
}

}  // namespace wanctl::alert
