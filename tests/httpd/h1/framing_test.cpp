// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/framing.h"

#include <gtest/gtest.h>

namespace httpd::h1 {
namespace {

struct NoBytes : http::BodySource {
    void next(int, http::Once<http::Piece> done) override { done({}); }
};

http::Request request(http::Method method = http::Method::get, int minor = 1) {
    http::Request made;
    made.method = method;
    made.minor_version = minor;
    return made;
}

http::Response sourced(std::optional<std::uint64_t> length) {
    http::Response response;
    response.source = std::make_unique<NoBytes>();
    response.length = length;
    return response;
}

TEST(Framing, tells_the_end_of_every_kind_of_body) {
    using Body = Framing::Body;
    const Framing text = frame(request(), http::plain(404, "gone"), false);
    EXPECT_EQ(text.body, Body::sized);
    EXPECT_EQ(text.content_length, 4U);
    EXPECT_FALSE(text.close);
    EXPECT_EQ(frame(request(), sourced(9), false).body, Body::sized);
    EXPECT_EQ(frame(request(), sourced({}), false).body, Body::chunked);
    const Framing old = frame(request(http::Method::get, 0), sourced({}), false);
    EXPECT_EQ(old.body, Body::until_close);
    EXPECT_TRUE(old.close);
    const Framing head = frame(request(http::Method::head), sourced(9), false);
    EXPECT_EQ(head.body, Body::none);
    EXPECT_EQ(head.content_length, 9U);
    const Framing unmodified = frame(request(), http::Response{.status = 304}, false);
    EXPECT_EQ(unmodified.body, Body::none);
    EXPECT_FALSE(unmodified.content_length);
    const Framing empty = frame(request(), http::Response{}, true);
    EXPECT_EQ(empty.content_length, 0U);
    EXPECT_TRUE(empty.close);
    http::Response unknown;
    unknown.length_unknown = true;
    EXPECT_FALSE(frame(request(http::Method::head), unknown, false).content_length);
}

TEST(Framing, a_header_value_cannot_end_the_head) {
    http::Response response;
    response.headers.add("A", "b\r\nEvil: c");
    response.headers.add("B\r\n", "c");
    response.headers.add("Content-Length", "77");
    response.headers.add("Transfer-Encoding", "chunked");
    response.headers.add("Good", "yes");
    EXPECT_EQ(
        encode_head(response, frame(request(), response, false)),
        "HTTP/1.1 200 OK\r\nGood: yes\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Framing, chunk_sizes_are_hexadecimal) {
    EXPECT_EQ(chunk_head(255), "ff\r\n");
}

}  // namespace
}  // namespace httpd::h1
