// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/body_framing.h"

#include <gtest/gtest.h>

#include <optional>

namespace httpd::h1 {
namespace {

struct Outcome {
    std::string body;
    std::string rest;
    bool done;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Feeds the wire in steps, as a socket would; nothing when it is refused.
std::optional<Outcome> run(BodyFraming framing, const std::string& wire, std::size_t step) {
    std::string buffer;
    std::string body;
    for (std::size_t at = 0; at < wire.size(); at += step) {
        buffer += wire.substr(at, step);
        const auto used = framing.feed(buffer, body);
        if (!used) {
            return std::nullopt;
        }
        buffer.erase(0, *used);
    }
    return Outcome{body, buffer, framing.done()};
}

TEST(BodyFraming, a_sized_body_ends_with_its_length) {
    EXPECT_EQ(run(BodyFraming::sized(3), "abcdef", 2), (Outcome{"abc", "def", true}));
    EXPECT_EQ(run(BodyFraming::sized(3), "ab", 1), (Outcome{"ab", "", false}));
    EXPECT_TRUE(BodyFraming::sized(0).done());
    EXPECT_TRUE(BodyFraming::none().done());
}

TEST(BodyFraming, chunks_are_taken_apart_however_they_arrive) {
    const std::string wire = "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n000\r\nTrailer: x\r\n\r\nGET";
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, wire.size()}) {
        EXPECT_EQ(run(BodyFraming::chunked(), wire, step), (Outcome{"abc0123456789", "GET", true}))
            << step;
    }
}

TEST(BodyFraming, what_breaks_the_rules_of_chunks_is_refused) {
    for (const std::string& wire :
         {std::string("3\nabc"), std::string("x\r\n"), std::string("\r\n"), std::string("-1\r\n"),
          std::string("+1\r\n"), std::string("0x3\r\nabc"), std::string("3 \r\nabc"),
          std::string(" 3\r\nabc"), std::string("3\r\nabcd\r\n"), std::string("3\r\nabc\n0\r\n"),
          std::string("11111111111111111\r\n"), std::string("3\r;\nabc"),
          std::string("0\r\nTrailer\n\r\n"), "3;" + std::string(5000, 'x'),
          std::string("3;\0\r\nabc", 9), "0\r\n" + std::string(5000, 'x')}) {
        EXPECT_EQ(run(BodyFraming::chunked(), wire, 1), std::nullopt) << wire.substr(0, 40);
    }
}

TEST(BodyFraming, the_end_of_the_connection_is_an_end_only_where_nothing_else_is) {
    BodyFraming until = BodyFraming::until_close();
    std::string body;
    ASSERT_EQ(until.feed("abc", body).value(), 3U);
    EXPECT_FALSE(until.done());
    EXPECT_TRUE(until.end_of_stream());
    EXPECT_TRUE(until.done());
    EXPECT_EQ(body, "abc");
    EXPECT_FALSE(BodyFraming::sized(1).end_of_stream());
    EXPECT_FALSE(BodyFraming::chunked().end_of_stream());
    EXPECT_TRUE(BodyFraming::none().end_of_stream());
}

}  // namespace
}  // namespace httpd::h1
