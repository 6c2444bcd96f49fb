// SPDX-License-Identifier: Apache-2.0
// One request to upstream, told in exchange(): connect, send, read the head, follow redirects that
// the client must not see, hand the body on piece by piece.
#include "httpd/proxy/forwarder.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <utility>

#include "fs/base/log.h"
#include "httpd/h1/codec.h"
#include "httpd/h1/framing.h"
#include "httpd/http/conditional.h"
#include "httpd/http/json_filter.h"
#include "httpd/net/await.h"
#include "httpd/net/client_stream.h"

namespace httpd::proxy {

namespace asio = boost::asio;
using asio::awaitable;
using http::Response;
using hubfs::Code;

namespace {

constexpr int kRedirectsMax = 5;
// How often the Hub is asked for the address of a content: that one may have expired on the way.
constexpr int kContentTries = 2;
// How long a client that said "Expect: 100-continue" waits for upstream to say a word about it.
constexpr std::chrono::seconds kContinueWait{1};
// A JSON answer that is read whole to take Xet out of it.
constexpr std::size_t kFilteredBytesMax = 64U << 20;

// The words of RFC 9209 section 2.3 for a failure met at this stage. `ended`: the connection broke.
std::string_view proxy_error(const hubfs::Error& error, net::Stage stage, bool ended) {
    using net::Stage;
    switch (error.code) {
        case Code::timed_out:
            return stage == Stage::name   ? "dns_timeout"
                   : stage == Stage::open ? "http_response_timeout"
                                          : "connection_timeout";
        case Code::unreachable: return stage == Stage::name ? "dns_error" : "connection_refused";
        case Code::offline: return "destination_unavailable";
        case Code::cancelled: return "http_request_error";
        case Code::protocol: break;
        default: return "destination_unavailable";
    }
    if (stage == Stage::tls) {
        const bool certificate = error.message.find("certificate") != std::string::npos;
        return certificate ? "tls_certificate_error" : "tls_protocol_error";
    }
    return ended ? "connection_terminated" : "http_protocol_error";
}

Response failed(const hubfs::Error& error, const Address& address,
                net::Stage stage = net::Stage::open, bool ended = false) {
    const bool none_came = error.code == Code::timed_out || error.code == Code::unreachable ||
                           error.code == Code::offline;
    const int status = none_came ? 504 : error.code == Code::cancelled ? 400 : 502;
    const std::string_view word = proxy_error(error, stage, ended);
    Response response = http::plain(status, "The Hub did not answer: " + error.message + "\n");
    response.cache.status = "fwd=bypass";
    response.cache.proxy =
        "error=" + std::string(word) + "; next-hop=\"" + address.authority() + "\"";
    return response;
}

// Under /api/ the Hub's clients look for the reason in JSON and in X-Error-Message (hub-api 3).
Response in_the_apis_form(Response response) {
    if (response.cache.proxy.empty() || response.text.empty()) {
        return response;  // upstream's own answer
    }
    std::string reason = std::exchange(response.text, {});
    while (reason.ends_with('\n')) {
        reason.pop_back();
    }
    response.headers.set("X-Error-Message", reason);
    response.headers.set("Content-Type", "application/json; charset=utf-8");
    response.text = "{\"error\":" + http::json_string(reason) + "}";
    return response;
}

// An answer of upstream whose body is still on its way. Lives on its stream's loop.
struct Incoming : std::enable_shared_from_this<Incoming> {
    Incoming(asio::any_io_executor executor, std::chrono::milliseconds deadline, bool to_head)
        : stream(executor, deadline), decoder(to_head), go_on(executor), body_ended(executor) {}

    net::ClientStream stream;
    h1::ResponseDecoder decoder;
    std::string buffer;  // received, not yet decoded
    // Of a request's body that is sent while the answer is waited for.
    bool body_begun = false;
    bool body_done = false;
    bool answered = false;                   // nothing more of the body is wanted
    std::optional<hubfs::Error> body_error;  // the client's
    asio::steady_timer go_on;                // cancelled by upstream's 100, or its answer
    asio::steady_timer body_ended;           // cancelled then

    // Some more of the body; empty at its end.
    awaitable<hubfs::Result<std::string>> read() {
        std::string out;
        while (true) {
            if (!buffer.empty() && !decoder.done()) {
                const auto used = decoder.body(buffer, out);
                if (!used) {
                    co_return std::unexpected(used.error());
                }
                buffer.erase(0, *used);
            }
            if (!out.empty() || decoder.done()) {
                co_return out;
            }
            const auto got = co_await stream.read_some(buffer);
            if (!got) {
                co_return std::unexpected(got.error());
            }
            if (*got == 0) {
                const auto end = decoder.end_of_stream();
                if (!end) {
                    co_return std::unexpected(end.error());
                }
                co_return out;
            }
        }
    }
};

// Whoever waits for the answer holds this: without them the stream is closed, and a coroutine that
// still writes to it ends. On the executor's thread, like everything here.
std::shared_ptr<Incoming> open_incoming(const asio::any_io_executor& executor,
                                        std::chrono::milliseconds deadline, bool to_head) {
    auto made = std::make_shared<Incoming>(executor, deadline, to_head);
    Incoming* const seen = made.get();
    return {seen, [made = std::move(made)](Incoming* incoming) mutable {
                incoming->stream.close();
                made.reset();
            }};
}

// Hands the body to the client's connection, on whatever loop that lives.
class IncomingBody final : public http::BodySource {
public:
    explicit IncomingBody(std::shared_ptr<Incoming> incoming) : incoming_(std::move(incoming)) {}
    ~IncomingBody() override {
        const auto executor = incoming_->stream.executor();
        asio::post(executor, [incoming = std::move(incoming_)] { incoming->stream.close(); });
    }
    IncomingBody(const IncomingBody&) = delete;
    IncomingBody& operator=(const IncomingBody&) = delete;

    void next(int, http::Once<http::Piece> done) override {
        asio::co_spawn(incoming_->stream.executor(), piece(incoming_, std::move(done)),
                       asio::detached);
    }

private:
    static awaitable<void> piece(std::shared_ptr<Incoming> incoming, http::Once<http::Piece> done) {
        auto got = co_await incoming->read();
        http::Piece piece{.kind = http::Piece::Kind::failed};
        if (got) {
            piece.kind = got->empty() ? http::Piece::Kind::end : http::Piece::Kind::bytes;
            piece.bytes = std::move(*got);
        }
        done(std::move(piece));
    }

    std::shared_ptr<Incoming> incoming_;
};

// Hands the client's body on as it arrives.
awaitable<hubfs::Status> send_pieces(std::shared_ptr<Incoming> to,
                                     std::shared_ptr<http::BodyReader> reader, bool chunked) {
    while (true) {
        auto ask = [reader](http::Once<hubfs::Result<std::string>> done) {
            reader->read(std::move(done));
        };
        hubfs::Result<std::string> gone = hubfs::fail(Code::cancelled, "stopped");
        auto piece = co_await net::await_once<hubfs::Result<std::string>>(
            to->stream.executor(), std::move(gone), std::move(ask));
        if (!piece) {
            co_return std::unexpected(piece.error());
        }
        std::string bytes = std::move(*piece);
        const bool last = bytes.empty();
        if (chunked) {
            bytes =
                last ? std::string(h1::kLastChunk) : h1::chunk_head(bytes.size()) + bytes + "\r\n";
        }
        const auto sent = co_await to->stream.write(bytes);
        if (!sent || last) {
            co_return sent;
        }
    }
}

// Beside the coroutine that waits for the answer. A client that broke off ends that wait; an
// upstream that did not take the whole body may have answered all the same.
awaitable<void> send_body(std::shared_ptr<Incoming> to, std::shared_ptr<http::BodyReader> reader,
                          bool chunked, bool expects) {
    if (expects) {
        to->go_on.expires_after(kContinueWait);
        (void)co_await to->go_on.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    hubfs::Status sent;
    if (!to->answered) {
        to->body_begun = true;
        sent = co_await send_pieces(to, std::move(reader), chunked);
    }
    if (!sent && sent.error().code != Code::protocol && !to->answered) {
        to->body_error = sent.error();
        to->stream.close();
    }
    to->stream.sending(false);
    to->body_done = true;
    to->body_ended.cancel();
}

awaitable<hubfs::Result<h1::ResponseHead>> read_head(Incoming& incoming) {
    while (true) {
        std::size_t used = 0;
        auto head = incoming.decoder.head(incoming.buffer, used);
        if (!head) {
            co_return std::unexpected(head.error());
        }
        if (incoming.buffer.find("HTTP/1.1 100") < used) {
            incoming.go_on.cancel();
        }
        incoming.buffer.erase(0, used);
        if (*head) {
            co_return std::move(**head);
        }
        const auto got = co_await incoming.stream.read_some(incoming.buffer);
        if (!got) {
            co_return std::unexpected(got.error());
        }
        if (*got == 0) {
            co_return hubfs::fail(Code::protocol, "connection ended before an answer");
        }
    }
}

// The answer to a request whose body is on its way. A refusal is handed on at once, and the body
// is left where it is (RFC 9112 section 9.5); other answers may need all of it.
awaitable<hubfs::Result<h1::ResponseHead>> read_head_while_sending(
    std::shared_ptr<Incoming> incoming, const http::Forward& order) {
    incoming->stream.sending(true);
    asio::co_spawn(incoming->stream.executor(),
                   send_body(incoming->shared_from_this(), order.request.body,
                             !order.request.body_length.has_value(), expects_continue(order)),
                   asio::detached);
    auto head = co_await read_head(*incoming);
    const bool refused = !head || head->status >= 300 || !incoming->body_begun;
    incoming->answered = refused;
    incoming->go_on.cancel();
    if (refused && !incoming->body_done) {
        incoming->stream.only_read();
    }
    while (!refused && !incoming->body_done) {
        incoming->body_ended.expires_at(asio::steady_timer::time_point::max());
        (void)co_await incoming->body_ended.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (incoming->body_error) {
        co_return std::unexpected(*incoming->body_error);
    }
    co_return head;
}

// One hop: connect, send, read the head.
awaitable<hubfs::Result<h1::ResponseHead>> ask(std::shared_ptr<Incoming> incoming,
                                               const http::Forward& order,
                                               const PolicyConfig& policy, const Address& to,
                                               net::TlsClient& tls) {
    std::optional<net::ViaProxy> proxy;
    if (policy.proxy) {
        proxy = net::ViaProxy{policy.proxy->host, policy.proxy->port, policy.proxy->authorization};
    }
    std::string host = to.host;
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    net::ServerAddress server{to.secure, std::move(host), to.port};
    const auto connected =
        co_await incoming->stream.connect(std::move(server), tls, std::move(proxy));
    if (!connected) {
        co_return std::unexpected(connected.error());
    }
    std::string head = request_head(order, policy, to);
    if (order.body) {
        head += *order.body;
    }
    const auto sent = co_await incoming->stream.write(head);
    // Upstream may have answered and closed before it had the whole body: its answer counts.
    if (!sent && sent.error().code != Code::protocol) {
        co_return std::unexpected(sent.error());
    }
    if (!order.body && order.request.body) {
        co_return co_await read_head_while_sending(std::move(incoming), order);
    }
    co_return co_await read_head(*incoming);
}

awaitable<hubfs::Result<std::string>> read_whole(Incoming& incoming, std::size_t most) {
    std::string body;
    while (true) {
        auto piece = co_await incoming.read();
        if (!piece) {
            co_return std::unexpected(piece.error());
        }
        if (piece->empty()) {
            break;
        }
        body += *piece;
        if (body.size() > most) {
            co_return hubfs::fail(Code::protocol, "answer too long");
        }
    }
    co_return body;
}

// Whether this client has the body already that this answer shows (RFC 9110 section 13.1.2).
// Upstream cannot know the ETag of a body that we changed.
bool is_known(const http::Request& request, const Response& response) {
    const std::string condition = request.headers.joined("If-None-Match");
    const auto known = http::parse_tag_list(condition);
    const auto current = http::parse_etag(response.headers.get("ETag"));
    return response.status == 200 && request.get_or_head() && known && current &&
           std::ranges::any_of(known->tags, [&](const http::EntityTag& tag) {
               return http::weak_match(tag, *current);
           });
}

// Takes Xet out of an answer's text, and whatever was said of its bytes. False: it is no JSON.
bool hide_xet(const http::Request& request, Response& response) {
    auto filtered = http::remove_members(response.text, "xetHash");
    if (!filtered) {
        return response.text.empty();
    }
    if (!filtered->changed) {
        return true;
    }
    response.text = std::move(filtered->text);
    body_changed(response.headers, response.text);
    if (is_known(request, response)) {
        response.status = 304;
        response.text.clear();
    }
    return true;
}

std::string own_base(const ForwarderConfig& config, const http::Request& request) {
    return config.public_url.empty() ? request.scheme + "://" + request.host : config.public_url;
}

awaitable<Response> to_response(const ForwarderConfig& config, const http::Forward& order,
                                std::shared_ptr<Incoming> incoming, h1::ResponseHead head,
                                FileHints hints) {
    const http::Request& request = order.request;
    const bool writes_xet = request.path.find("/xet-write-token/") != std::string::npos;
    Response response;
    response.status = head.status;
    response.headers = response_headers(head.headers, own_base(config, request), writes_xet);
    response.cache.status = "fwd=bypass; fwd-status=" + std::to_string(head.status);
    if (head.status >= 500 || head.status == 429) {
        response.cache.proxy = "received-status=" + std::to_string(head.status);
    }
    if (head.status < 300 || head.status == 304 || head.status == 416) {
        apply_hints(hints, response.headers);
    }
    response.length = head.length;
    const bool json = http::istarts_with(head.headers.get("Content-Type"), "application/json") &&
                      !head.headers.has("Content-Encoding");
    if (request.method == http::Method::head) {
        response.length_unknown = !head.length;
        co_return response;
    }
    const bool filter = order.filter_json && json;
    if ((filter || order.read_whole > 0) && head.status != 204 && head.status != 304) {
        auto body = co_await read_whole(*incoming, filter ? kFilteredBytesMax : order.read_whole);
        if (body) {
            response.text = std::move(*body);
            if (filter && !hide_xet(request, response)) {
                body = hubfs::fail(Code::protocol, "answer is not JSON");
            }
        }
        if (!body) {
            Response broken = failed(body.error(), config.policy.upstream);
            if (incoming->stream.ended()) {
                broken.cache.proxy.replace(0, broken.cache.proxy.find(';'),
                                           "error=http_response_incomplete");
            }
            co_return broken;
        }
        response.length = response.text.size();
        co_return response;
    }
    response.source = std::make_unique<IncomingBody>(std::move(incoming));
    co_return response;
}

// What the Hub says itself is an answer; a content host's "no" is trouble between it and the Hub,
// most often a signed address that has expired: never a fact about the file.
bool is_refusal(int status) {
    return status == 401 || status == 403 || status == 404 || status == 410;
}

Response refused_elsewhere(int status, const Address& host) {
    const std::string word = std::to_string(status);
    Response response = failed({Code::protocol, "its content host answered " + word}, host);
    response.cache.status = "fwd=bypass; fwd-status=" + word;
    response.cache.proxy = "error=destination_unavailable; next-hop=\"" + host.authority() +
                           "\"; received-status=" + word;
    return response;
}

// What to do with an answer's Location; an answer without one is for the client.
RedirectChoice choose(const PolicyConfig& policy, const Address& from, const h1::ResponseHead& head,
                      bool can_follow) {
    const std::string* const location = head.headers.find("Location");
    const int status = head.status;
    if (location == nullptr || status < 300 || status > 308 || status == 304) {
        return {Redirect::give_back, from};
    }
    // The others of 300 to 308 leave it to the client (RFC 9110 section 15.4).
    const bool automatic =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return choose_redirect(policy, from, *location, can_follow && automatic);
}

// A HEAD of LFS content is answered by the redirect itself (hub-api 1.5).
Response head_from_hints(const FileHints& hints) {
    Response response;
    std::uint64_t size = 0;
    std::from_chars(hints.size.data(), hints.size.data() + hints.size.size(), size);
    response.length = size;
    response.headers.add("Content-Type", "application/octet-stream");
    response.headers.add("Accept-Ranges", "bytes");
    apply_hints(hints, response.headers);
    response.cache.status = "fwd=bypass; fwd-status=302";
    return response;
}

awaitable<Response> exchange(const ForwarderConfig& config, http::Forward order,
                             asio::any_io_executor executor, net::TlsClient& tls) {
    Address to = config.policy.upstream;
    to.target += order.request.target();
    if (!order.address.empty()) {
        const auto told = followable(config.policy, to, order.address);
        if (!told) {
            co_return failed({Code::protocol, "an address on a host that is not allowed"}, to);
        }
        to = *told;
    }
    const Address first = to;
    const http::Headers asked = order.request.headers;
    int tries = order.address.empty() ? kContentTries : 1;
    FileHints hints;
    const bool head_only = order.request.method == http::Method::head;
    const bool can_follow = order.request.get_or_head() && !order.request.body && !order.body;
    for (int hop = 0; hop <= kRedirectsMax; ++hop) {
        auto incoming = open_incoming(executor, config.deadline, head_only);
        auto head = co_await ask(incoming, order, config.policy, to, tls);
        if (!head) {
            const net::ClientStream& stream = incoming->stream;
            co_return failed(head.error(), to, stream.stage(), stream.ended());
        }
        if (is_refusal(head->status) && !to.same_origin(config.policy.upstream)) {
            if (--tries == 0) {
                co_return refused_elsewhere(head->status, to);
            }
            to = first;
            hints = FileHints{};
            order.request.headers = asked;
            continue;
        }
        const RedirectChoice choice = choose(config.policy, to, *head, can_follow);
        if (choice.what == Redirect::give_back || choice.what == Redirect::give_back_relative) {
            adapt_locations(config.policy, to, head->headers);
            co_return co_await to_response(config, order, std::move(incoming), std::move(*head),
                                           std::move(hints));
        }
        if (choice.what == Redirect::refuse) {
            // The address may be signed: its host is all that is told.
            hubfs::log::warn("passthrough_redirect_refused",
                             {{"host", choice.to.host.empty() ? "?" : choice.to.host}});
            co_return failed({Code::protocol, "redirect to a host that is not allowed"}, to);
        }
        take_hints(hints, head->headers);
        if (head_only && !hints.size.empty() && !hints.etag.empty()) {
            co_return head_from_hints(hints);
        }
        if (!choice.to.same_origin(to)) {
            adapt_conditions(hints, order.request.headers);
        }
        to = choice.to;
    }
    co_return failed({Code::protocol, "too many redirects"}, to);
}

// What HEAD says of an answer that was asked for with GET.
Response without_body(Response response) {
    if (response.source != nullptr) {
        response.length_unknown = !response.length;
        response.source.reset();
    } else {
        response.length = response.text.size();
    }
    response.text.clear();
    return response;
}

awaitable<void> answer(const ForwarderConfig& config, http::Forward order, http::Reply reply,
                       asio::any_io_executor executor, net::TlsClient& tls) {
    const bool api = order.request.path.starts_with("/api/");
    // Length and ETag of a body that may be changed are known only to those who read it.
    const bool by_get = order.filter_json && order.request.method == http::Method::head;
    if (by_get) {
        order.request.method = http::Method::get;
        order.request.method_text = "GET";
        order.request.headers.remove("Range");  // means nothing to HEAD (RFC 9110 section 14.2)
        order.request.headers.remove("If-Range");
    }
    auto response = co_await exchange(config, std::move(order), std::move(executor), tls);
    if (api) {
        response = in_the_apis_form(std::move(response));
    }
    reply(by_get ? without_body(std::move(response)) : std::move(response));
}

}  // namespace

Forwarder::Forwarder(ForwarderConfig config, std::span<const std::unique_ptr<net::EventLoop>> loops,
                     net::TlsClient& tls)
    : config_(std::move(config)), loops_(loops), tls_(tls) {}

void Forwarder::forward(http::Forward order, http::Reply reply) {
    if (config_.offline) {
        Response offline =
            failed({Code::offline, "this mirror is offline"}, config_.policy.upstream);
        const bool api = order.request.path.starts_with("/api/");
        reply(api ? in_the_apis_form(std::move(offline)) : std::move(offline));
        return;
    }
    if (is_loop(config_.policy, order.request.headers)) {
        Response looped = http::plain(508, "This mirror is its own upstream\n");
        looped.cache.status = "fwd=bypass";
        looped.cache.proxy = "error=proxy_loop_detected";
        reply(std::move(looped));
        return;
    }
    net::EventLoop& loop = *loops_[turn_.fetch_add(1) % loops_.size()];
    asio::co_spawn(
        loop.context(),
        answer(config_, std::move(order), std::move(reply), loop.context().get_executor(), tls_),
        asio::detached);
}

}  // namespace httpd::proxy
