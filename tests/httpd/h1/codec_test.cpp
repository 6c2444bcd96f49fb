// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/codec.h"

#include <gtest/gtest.h>

namespace httpd::h1 {
namespace {

TEST(Codec, a_request_becomes_its_parts) {
    RequestDecoder decoder;
    const auto request = decoder.head(
        "POST /a%2Fb?x=1&y HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\nX: \xC3\xA4 \r\n\r\n");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->method, http::Method::post);
    EXPECT_EQ(request->path, "/a%2Fb");
    EXPECT_EQ(request->query, "x=1&y");
    EXPECT_EQ(request->target(), "/a%2Fb?x=1&y");
    EXPECT_EQ(request->host, "h:1");
    EXPECT_EQ(request->headers.get("x"), "\xC3\xA4");
    EXPECT_EQ(request->body_length, 5U);
    EXPECT_EQ(request->minor_version, 1);
    EXPECT_TRUE(decoder.keep_alive());
    EXPECT_FALSE(decoder.done());
    std::string body;
    EXPECT_EQ(decoder.body("hello, next", body).value(), 5U);
    EXPECT_EQ(body, "hello");
    EXPECT_TRUE(decoder.done());
}

TEST(Codec, the_absolute_form_names_the_host) {
    RequestDecoder decoder;
    const auto request = decoder.head("GET http://m.example?q HTTP/1.1\r\nHost: other\r\n\r\n");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->host, "m.example");
    EXPECT_EQ(request->target(), "/?q");
    EXPECT_TRUE(decoder.done());
}

TEST(Codec, version_and_connection_say_whether_it_goes_on) {
    for (const auto& [head, alive, minor] :
         {std::tuple{"GET / HTTP/1.0\r\n\r\n", false, 0},
          std::tuple{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, 0},
          std::tuple{"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false, 1},
          std::tuple{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true, 1}}) {
        RequestDecoder decoder;
        const auto request = decoder.head(head);
        ASSERT_TRUE(request);
        EXPECT_EQ(decoder.keep_alive(), alive) << head;
        EXPECT_EQ(request->minor_version, minor) << head;
    }
}

TEST(Codec, a_response_is_read_past_interim_ones) {
    const std::string wire =
        "HTTP/1.1 103 Early\r\nX: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nY: b\r\n\r\nok";
    for (std::size_t n = 0; n < wire.size() - 2; ++n) {
        ResponseDecoder decoder(false);
        std::size_t used = 0;
        const auto head = decoder.head(std::string_view(wire).substr(0, n), used);
        ASSERT_TRUE(head);
        EXPECT_FALSE(*head) << n;
    }
    ResponseDecoder decoder(false);
    std::size_t used = 0;
    const auto head = decoder.head(wire, used);
    ASSERT_TRUE(head && *head);
    EXPECT_EQ((*head)->status, 200);
    EXPECT_EQ((*head)->headers.get("y"), "b");
    EXPECT_FALSE((*head)->headers.has("x"));
    EXPECT_EQ((*head)->length, 2U);
    EXPECT_EQ(wire.substr(used), "ok");
}

TEST(Codec, responses_without_a_body_end_at_once) {
    for (const auto& [head, to_head] :
         {std::pair{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true},
          std::pair{"HTTP/1.1 204 No\r\n\r\n", false},
          std::pair{"HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n", false}}) {
        ResponseDecoder decoder(to_head);
        std::size_t used = 0;
        ASSERT_TRUE(decoder.head(head, used).value());
        EXPECT_TRUE(decoder.done()) << head;
    }
}

TEST(Codec, an_ambiguous_response_is_refused) {
    for (const auto* head :
         {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
          "HTTP/1.1 101 Switch\r\n\r\n", "HTTP/1.1 999 What\r\n\r\n", "nonsense\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n"}) {
        ResponseDecoder decoder(false);
        std::size_t used = 0;
        EXPECT_FALSE(decoder.head(head, used)) << head;
    }
}

}  // namespace
}  // namespace httpd::h1
