// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/curl_handles.h"

namespace hubfs::upstream {

Status CurlEasy::status() const {
    if (!handle_) {
        return fail(Code::io, "curl: no memory for a handle");
    }
    if (code_ != CURLE_OK) {
        return fail(Code::io, std::string("curl: ") + curl_easy_strerror(code_));
    }
    return {};
}

bool CurlHeaders::append(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
    if (longer == nullptr) {
        return false;
    }
    static_cast<void>(list_.release());  // now the head of `longer`
    list_.reset(longer);
    return true;
}

Code code_of(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
        case CURLE_INTERFACE_FAILED:
        case CURLE_NO_CONNECTION_AVAILABLE: return Code::unreachable;
        case CURLE_OPERATION_TIMEDOUT: return Code::timed_out;
        // The answer began, or should have, and the connection ended.
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_PARTIAL_FILE:
        case CURLE_SEND_FAIL_REWIND:
        case CURLE_HTTP2_STREAM: return Code::unavailable;
        case CURLE_OUT_OF_MEMORY:
        case CURLE_FAILED_INIT:
        case CURLE_READ_ERROR: return Code::io;
        case CURLE_WRITE_ERROR:
        case CURLE_ABORTED_BY_CALLBACK: return Code::cancelled;
        default: return Code::protocol;  // TLS, HTTP, encodings, sizes
    }
}

namespace {

// Where curl knows better than the Code what RFC 9209 calls it (fs/meta reads it in the message).
std::string word_of(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST: return " (dns_error)";
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR: return " (connection_terminated)";
        case CURLE_PARTIAL_FILE: return " (http_response_incomplete)";
        case CURLE_PEER_FAILED_VERIFICATION: return " (tls_certificate_error)";
        case CURLE_SSL_CONNECT_ERROR: return " (tls_protocol_error)";
        default: return {};
    }
}

}  // namespace

Error error_of(CURLcode code, const std::string& host, const std::string& detail) {
    const bool harmless = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                          code == CURLE_COULDNT_RESOLVE_PROXY ||
                          code == CURLE_PEER_FAILED_VERIFICATION ||
                          code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CACERT_BADFILE;
    const bool told = harmless && !detail.empty();
    return {code_of(code),
            host + ": " + (told ? detail : curl_easy_strerror(code)) + word_of(code)};
}

}  // namespace hubfs::upstream
