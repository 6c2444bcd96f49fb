// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/raw_head.h"

#include <gtest/gtest.h>

#include <string>

namespace httpd::h1 {
namespace {

struct Row {
    std::string head;
    int status;
};

std::string get(const std::string& fields, const std::string& target = "/x") {
    return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}

const std::string kHost = "Host: h\r\n";

void check(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        const HeadVerdict verdict = check_head(row.head);
        EXPECT_EQ(verdict.status, row.status) << row.head.substr(0, 200) << verdict.reason;
    }
}

TEST(RawHead, good_heads_pass) {
    check({
        {get(kHost), 0},
        {get(kHost, "/a?b=c%20d"), 0},
        {get(kHost, "/\xC3\xA4"), 0},
        {get(kHost, "http://h/x"), 0},
        {get("Host: h:\r\n"), 0},
        {get("Host: h:65535\r\n"), 0},
        {get("Host: [::1]:80\r\n"), 0},
        {get("Host: 10.0.0.1\r\n"), 0},
        {get("Host: a:8x\r\n"), 400},
        {get("Host: a:b:c\r\n"), 400},
        {get("Host: a:99999\r\n"), 400},
        {get("Host: [::1\r\n"), 400},
        {get("Host: [zz]\r\n"), 400},
        {get("Host: [::1]x\r\n"), 400},
        {get("Host: ::1\r\n"), 400},
        {get("Host: :80\r\n"), 400},
        {get(kHost, "HTTPS://h:1/x?y"), 0},
        {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"GET / HTTP/1.0\r\n\r\n", 0},
        {get("host: [::1]:80\r\n"), 0},
        {get(kHost + "A:b\r\nC: \r\nD:\td\t\r\n"), 0},
        {get(kHost + "Content-Length: 0\r\n"), 0},
        {get(kHost + "Transfer-Encoding: Chunked\r\n"), 0},
        {get(kHost + "Expect: 100-Continue\r\n"), 0},
        {get(kHost + "Expect: tea\r\n"), 417},
        {get(kHost + "Expect: 100-continue, tea\r\n"), 417},
        {"GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", 0},
    });
}

// RFC 9112 sections 3.2 and 5.
TEST(RawHead, doubtful_fields_are_refused) {
    check({
        {get(""), 400},
        {get(kHost + kHost), 400},
        {get("Host:\r\n"), 400},
        {get("Host: a b\r\n"), 400},
        {get("Host: a/b\r\n"), 400},
        {get("Host: h, h\r\n"), 400},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {get(kHost + "A : b\r\n"), 400},
        {get(kHost + "A\t: b\r\n"), 400},
        {get(kHost + ": b\r\n"), 400},
        {get(kHost + "A\r\n"), 400},
        {get(kHost + "A: b\r\n c\r\n"), 400},
        {get(" Host: h\r\n"), 400},
        {get(kHost + "A: b\rc\r\n"), 400},
        {get(kHost + "A: b\nc: d\r\n"), 400},
        {get(kHost + std::string("A: b\0c\r\n", 9)), 400},
        {get(kHost + "A: \x01\r\n"), 400},
        {get(kHost + "A: \x7f\r\n"), 400},
    });
}

// RFC 9112 section 6: where the message ends must not be a matter of opinion.
TEST(RawHead, doubtful_lengths_are_refused) {
    check({
        {get(kHost + "Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
        {get(kHost + "Content-Length: 1\r\ncontent-length: 2\r\n"), 400},
        {get(kHost + "Content-Length: 1, 1\r\n"), 400},
        {get(kHost + "Content-Length: -1\r\n"), 400},
        {get(kHost + "Content-Length: +1\r\n"), 400},
        {get(kHost + "Content-Length: 0x1\r\n"), 400},
        {get(kHost + "Content-Length: 1_0\r\n"), 400},
        {get(kHost + "Content-Length: 1 0\r\n"), 400},
        {get(kHost + "Content-Length:\r\n"), 400},
        {get(kHost + "Content-Length: 9999999999999999999\r\n"), 400},
        {get(kHost + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
        {get(kHost + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400},
        {get(kHost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        {get(kHost + "Transfer-Encoding: chunked, chunked\r\n"), 400},
        {get(kHost + "Transfer-Encoding:\r\n"), 400},
        {get(kHost + "Transfer-Encoding: gzip, chunked\r\n"), 501},
        {get(kHost + "Transfer-Encoding: identity\r\n"), 501},
        {get(kHost + "Transfer-Encoding: chunked;q=1\r\n"), 501},
        {get(kHost + "Transfer-Encoding: x\vchunked\r\n"), 400},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    });
}

// RFC 9112 sections 2 and 3.
TEST(RawHead, doubtful_request_lines_are_refused) {
    check({
        {get(kHost, "/a b"), 400},
        {get(kHost, "/a\tb"), 400},
        {get(kHost, "/a#b"), 400},
        {get(kHost, "/a\x01"), 400},
        {get(kHost, "/a\x7f"), 400},
        {get(kHost, "a"), 400},
        {get(kHost, "*"), 400},
        {get(kHost, "ftp://h/x"), 400},
        {get(kHost, "http:///x"), 400},
        {get(kHost, "http://user@h/x"), 400},
        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {" GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
        {"GET /\r\nHost: h\r\n\r\n", 400},
        {"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        {"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
        {"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405},
        {std::string(33, 'A') + " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {get(kHost, "/" + std::string(kTargetBytesMax, 'x')), 414},
        {get(kHost + "A: " + std::string(kHeadBytesMax, 'x') + "\r\n"), 431},
        {"\r\n", 400},
        {"", 400},
        {get(kHost) + "x", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n", 400},
    });
}

TEST(RawHead, too_many_fields_are_refused) {
    std::string fields = "Host: h\r\n";
    for (std::size_t i = 1; i < kFieldsMax; ++i) {
        fields += "A: b\r\n";
    }
    EXPECT_TRUE(check_head(get(fields)).ok());
    EXPECT_EQ(check_head(get(fields + "A: b\r\n")).status, 431);
}

TEST(RawHead, its_end_is_found_as_it_grows) {
    const std::string head = get("Host: h\r\n");
    for (std::size_t step : {std::size_t{1}, std::size_t{3}, head.size()}) {
        HeadFinder finder;
        HeadVerdict verdict;
        std::string buffer;
        std::optional<std::size_t> end;
        const std::string wire = head + "GET /next";
        for (std::size_t at = 0; at < wire.size() && !end; at += step) {
            buffer += wire.substr(at, step);
            end = finder.find(buffer, verdict);
        }
        ASSERT_TRUE(verdict.ok());
        EXPECT_EQ(end, head.size());
    }
}

TEST(RawHead, a_broken_head_is_noticed_before_its_end) {
    for (const std::string& text :
         {std::string("GET / HTTP/1.1\nHost"), std::string("\n"), std::string("\x16\x03\0", 3)}) {
        HeadFinder finder;
        HeadVerdict verdict;
        EXPECT_FALSE(finder.find(text, verdict));
        EXPECT_EQ(verdict.status, 400);
    }
    HeadFinder finder;
    HeadVerdict verdict;
    EXPECT_FALSE(finder.find(std::string(kHeadBytesMax + 1, 'x'), verdict));
    EXPECT_EQ(verdict.status, 414);
}

TEST(RawHead, a_few_empty_lines_may_come_first) {
    EXPECT_EQ(leading_empty_lines("\r\nGET"), 2U);
    EXPECT_EQ(leading_empty_lines("GET"), 0U);
    EXPECT_EQ(leading_empty_lines("\r\n\r\n\r\n\r\n"), 2 * kEmptyLinesMax);
}

}  // namespace
}  // namespace httpd::h1
