// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/url.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

std::string text_of(const std::optional<Url>& url) {
    return url ? url->to_text() : "refused";
}

TEST(Url, absolute_addresses_are_written_back_in_one_form) {
    const struct {
        std::string_view in;
        std::string_view out;
    } rows[] = {
        {"https://huggingface.co", "https://huggingface.co/"},
        {"https://HuggingFace.co:443/a", "https://huggingface.co/a"},
        {"HTTP://h:80/a", "http://h/a"},
        {"http://h:443/a", "http://h:443/a"},
        {"https://h?x=1", "https://h/?x=1"},
        {"https://h/a?b#c", "https://h/a?b"},
        {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
        {"http://[::1]:8080/x", "http://[::1]:8080/x"},
        {"https://[2001:DB8::1]/", "https://[2001:db8::1]/"},
        {"https://h/a/./b/../c", "https://h/a/c"},
        {"https://h/../../c", "https://h/c"},
        {"https://h/a?x=/../y", "https://h/a?x=/../y"},
        {"https://h/\xc3\xbc", "https://h/%C3%BC"},
        {"https://h/%2e%2e/a%20b", "https://h/%2e%2e/a%20b"},
        // Refused: another scheme, a user, an odd host or port, what would split a request.
        {"", "refused"},
        {"/a", "refused"},
        {"//h/a", "refused"},
        {"ftp://h/", "refused"},
        {"file:///etc/passwd", "refused"},
        {"https:h/", "refused"},
        {"https:/h/", "refused"},
        {"https:///a", "refused"},
        {"https://user@h/", "refused"},
        {"https://allowed@evil/", "refused"},
        {"https://evil\\@allowed/", "refused"},
        {"https://h:0/", "refused"},
        {"https://h:65536/", "refused"},
        {"https://h:/", "refused"},
        {"https://h:8x/", "refused"},
        {"https://h h/", "refused"},
        {"https://h/a b", "refused"},
        {"https://h/a\r\nX: y", "refused"},
        {"https://h%2e/", "refused"},
        {"https://[::1/", "refused"},
        {"https://[::1]x/", "refused"},
        {"https://[]/", "refused"},
        {"https://\xc3\xbc.de/", "refused"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(text_of(parse_url(row.in)), row.out) << row.in;
    }
    EXPECT_FALSE(parse_url("https://h/" + std::string(20000, 'a')));
}

// RFC 3986 section 5.4, as far as it has meaning for http.
TEST(Url, references_are_resolved_as_rfc_3986_says) {
    const auto base = parse_url("http://a/b/c/d;p?q");
    ASSERT_TRUE(base);
    const struct {
        std::string_view in;
        std::string_view out;
    } rows[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://h/x", "https://h/x"},
        {"//h:81/x", "http://h:81/x"},
        {"mailto:x", "refused"},
        {"//u@h/x", "refused"},
        {"a b", "refused"},
        {"/a\n", "refused"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(text_of(resolve(*base, row.in)), row.out) << row.in;
    }
}

TEST(Url, an_origin_is_scheme_host_and_port) {
    const auto url = parse_url("https://h/x");
    EXPECT_TRUE(url->same_origin(*parse_url("https://H:443/y")));
    EXPECT_FALSE(url->same_origin(*parse_url("http://h:443/x")));
    EXPECT_FALSE(url->same_origin(*parse_url("https://h:444/x")));
    EXPECT_FALSE(url->same_origin(*parse_url("https://h2/x")));
    EXPECT_EQ(parse_url("https://h:444/x")->origin(), "https://h:444");
}

TEST(Url, a_request_target_is_visible_ascii_from_a_slash_on) {
    EXPECT_TRUE(valid_target("/api/models/a/b?x=%20"));
    for (const std::string_view bad :
         {"", "api", "/a b", "/a\r\n", "/a#b", "/\xc3\xbc", "/a\x7f"}) {
        EXPECT_FALSE(valid_target(bad)) << bad;
    }
}

}  // namespace
}  // namespace hubfs::upstream
