// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/codec.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional.hpp>

#include "httpd/h1/raw_head.h"
#include "httpd/http/target.h"

namespace httpd::h1 {

namespace {

namespace beast = boost::beast;
using beast::error_code;
using hubfs::Code;

// Upstream's heads: signed addresses and policies make them long.
constexpr std::uint32_t kResponseHeadBytesMax = 64 * 1024;

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

// Keeps what Beast reports of a head.
template <bool isRequest>
class Collector : public beast::http::basic_parser<isRequest> {
public:
    std::string method, target;
    int version = 11;  // 10 or 11
    int status = 0;
    http::Headers headers;

private:
    void on_request_impl(beast::http::verb, beast::string_view method_text,
                         beast::string_view target_text, int version_number,
                         error_code& ec) override {
        version = version_number;
        method = view(method_text);
        target = view(target_text);
        ec = {};
    }
    void on_response_impl(int code, beast::string_view, int, error_code& ec) override {
        status = code;
        ec = {};
    }
    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       error_code& ec) override {
        headers.add(view(name), view(value));
        ec = {};
    }
    void on_header_impl(error_code& ec) override { ec = {}; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& ec) override {
        ec = {};
    }
    std::size_t on_body_impl(beast::string_view bytes, error_code& ec) override {
        ec = {};
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code& ec) override {
        ec = {};
    }
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes,
                                   error_code& ec) override {
        return on_body_impl(bytes, ec);
    }
    void on_finish_impl(error_code& ec) override { ec = {}; }
};

// Parses exactly one head; false with the reason when it is none.
template <class P>
hubfs::Status parse_head(P& parser, std::string_view head) {
    error_code error;
    parser.skip(true);  // the body is BodyFraming's
    const std::size_t used = parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (error || used != head.size() || !parser.is_header_done()) {
        return hubfs::fail(Code::protocol, error ? error.message() : "malformed head");
    }
    return {};
}

// "http://host/path?query" to host and origin-form.
void split_target(std::string_view target, http::Request& request) {
    if (const auto scheme = target.find("://");
        !target.starts_with('/') && scheme != std::string_view::npos) {
        target.remove_prefix(scheme + 3);
        const auto end = std::min(target.find_first_of("/?"), target.size());
        request.host = target.substr(0, end);  // wins over Host (RFC 9112 section 3.2.2)
        target.remove_prefix(end);
    } else {
        request.host = request.headers.get("Host");
    }
    const auto question = target.find('?');
    request.path = http::normal_path(target.substr(0, question));
    if (request.path.empty()) {
        request.path = "/";
    }
    if (question != std::string_view::npos) {
        request.has_query = true;
        request.query = target.substr(question + 1);
    }
}

}  // namespace

hubfs::Result<http::Request> RequestDecoder::head(std::string_view head) {
    Collector<true> parser;
    parser.header_limit(static_cast<std::uint32_t>(kHeadBytesMax));
    if (const auto parsed = parse_head(parser, head); !parsed) {
        return std::unexpected(parsed.error());
    }
    http::Request request;
    request.method_text = std::move(parser.method);
    request.method = http::method_from(request.method_text);
    request.headers = std::move(parser.headers);
    request.minor_version = parser.version % 10;
    if (request.minor_version == 0) {
        request.headers.remove("Expect");  // RFC 9110 section 10.1.1: to be ignored there
    }
    split_target(parser.target, request);
    keep_alive_ = parser.keep_alive();
    if (parser.chunked()) {
        framing_ = BodyFraming::chunked();
    } else if (const auto length = parser.content_length()) {
        request.body_length = *length;
        framing_ = BodyFraming::sized(*length);
    }
    return request;
}

hubfs::Result<std::optional<ResponseHead>> ResponseDecoder::head(std::string_view in,
                                                                 std::size_t& used) {
    used = 0;
    while (true) {
        const auto end = in.find("\r\n\r\n", used);
        if (end == std::string_view::npos) {
            if (in.size() - used > kResponseHeadBytesMax) {
                return hubfs::fail(Code::protocol, "head too long");
            }
            return std::nullopt;
        }
        Collector<false> parser;
        parser.header_limit(kResponseHeadBytesMax);
        const std::size_t head_bytes = end + 4 - used;
        if (const auto parsed = parse_head(parser, in.substr(used, head_bytes)); !parsed) {
            return std::unexpected(parsed.error());
        }
        used += head_bytes;
        if (parser.status >= 100 && parser.status < 200 && parser.status != 101) {
            continue;
        }
        const auto& headers = parser.headers;
        const bool coded = headers.has("Transfer-Encoding");
        if (parser.status < 200 || parser.status > 599 || headers.count("Content-Length") > 1 ||
            headers.count("Transfer-Encoding") > 1 || (headers.has("Content-Length") && coded) ||
            (coded && !http::iequals(headers.get("Transfer-Encoding"), "chunked"))) {
            return hubfs::fail(Code::protocol, "ambiguous or impossible response head");
        }
        ResponseHead head{parser.status, std::move(parser.headers), std::nullopt};
        if (const auto length = parser.content_length()) {
            head.length = *length;
        }
        const bool bodyless = to_head_ || head.status == 204 || head.status == 304;
        framing_ = bodyless      ? BodyFraming::none()
                   : coded       ? BodyFraming::chunked()
                   : head.length ? BodyFraming::sized(*head.length)
                                 : BodyFraming::until_close();
        return head;
    }
}

}  // namespace httpd::h1
