// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/curl_handles.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

TEST(CurlCodes, become_the_codes_that_callers_act_on) {
    const struct {
        CURLcode code;
        Code want;
    } rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, Code::unreachable},
        {CURLE_COULDNT_CONNECT, Code::unreachable},
        {CURLE_OPERATION_TIMEDOUT, Code::timed_out},
        {CURLE_PEER_FAILED_VERIFICATION, Code::protocol},
        {CURLE_SSL_CONNECT_ERROR, Code::protocol},
        {CURLE_WEIRD_SERVER_REPLY, Code::protocol},
        {CURLE_BAD_CONTENT_ENCODING, Code::protocol},
        {CURLE_UNSUPPORTED_PROTOCOL, Code::protocol},
        {CURLE_GOT_NOTHING, Code::unavailable},
        {CURLE_RECV_ERROR, Code::unavailable},
        {CURLE_PARTIAL_FILE, Code::unavailable},
        {CURLE_WRITE_ERROR, Code::cancelled},
        {CURLE_OUT_OF_MEMORY, Code::io},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(code_of(row.code), row.want) << curl_easy_strerror(row.code);
    }
}

TEST(CurlCodes, messages_name_the_host_and_curls_words_only_where_they_are_harmless) {
    EXPECT_EQ(error_of(CURLE_COULDNT_CONNECT, "h", "Failed to connect to h port 1").message,
              "h: Failed to connect to h port 1");
    const Error error = error_of(CURLE_RECV_ERROR, "h", "https://h/x?Signature=secret");
    EXPECT_EQ(error.message.find("secret"), std::string::npos);
    EXPECT_TRUE(error.message.starts_with("h: "));
}

TEST(CurlCodes, say_the_word_of_rfc_9209_where_curl_knows_it) {
    for (const auto& [code, word] : {std::pair{CURLE_COULDNT_RESOLVE_HOST, "(dns_error)"},
                                     {CURLE_PEER_FAILED_VERIFICATION, "(tls_certificate_error)"},
                                     {CURLE_SSL_CONNECT_ERROR, "(tls_protocol_error)"},
                                     {CURLE_GOT_NOTHING, "(connection_terminated)"},
                                     {CURLE_PARTIAL_FILE, "(http_response_incomplete)"}}) {
        EXPECT_TRUE(error_of(code, "h", "").message.ends_with(word)) << word;
    }
}

TEST(CurlHandles, a_list_of_headers_grows_in_order) {
    CurlHeaders headers;
    ASSERT_TRUE(headers.append("A: 1"));
    ASSERT_TRUE(headers.append("B: 2"));
    EXPECT_STREQ(headers.get()->data, "A: 1");
    EXPECT_STREQ(headers.get()->next->data, "B: 2");
}

TEST(CurlHandles, an_option_that_fails_is_remembered) {
    const CurlGlobal global;
    ASSERT_TRUE(global.ok());
    CurlEasy easy;
    easy.set(CURLOPT_NOSIGNAL, 1L);
    EXPECT_TRUE(easy.status());
    easy.set(CURLOPT_PROTOCOLS_STR, "no-such-protocol");
    easy.set(CURLOPT_NOSIGNAL, 1L);
    ASSERT_FALSE(easy.status());
    EXPECT_EQ(easy.status().error().code, Code::io);
}

}  // namespace
}  // namespace hubfs::upstream
