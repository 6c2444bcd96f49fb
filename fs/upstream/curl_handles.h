// SPDX-License-Identifier: Apache-2.0
// libcurl's handles with owners, and its codes as ours. Internal to fs/upstream: with
// transfer_loop.cpp the only place that includes curl. Handles are used by one thread.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "fs/base/result.h"

namespace hubfs::upstream {

// curl's global state, counted by curl: must outlive every handle. Thread-safe (curl >= 7.84).
class CurlGlobal {
public:
    CurlGlobal() : code_(curl_global_init(CURL_GLOBAL_DEFAULT)) {}
    ~CurlGlobal() {
        if (code_ == CURLE_OK) {
            curl_global_cleanup();
        }
    }
    CurlGlobal(const CurlGlobal&) = delete;
    CurlGlobal& operator=(const CurlGlobal&) = delete;
    [[nodiscard]] bool ok() const { return code_ == CURLE_OK; }

private:
    CURLcode code_;
};

struct CurlMultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using CurlMulti = std::unique_ptr<CURLM, CurlMultiDeleter>;

// One transfer's handle. Must leave its multi handle before it is destroyed.
class CurlEasy {
public:
    CurlEasy() : handle_(curl_easy_init()) {}
    [[nodiscard]] CURL* get() const { return handle_.get(); }
    // The first option that fails is remembered; see status().
    template <class T>
    void set(CURLoption option, T value) {
        if (handle_ && code_ == CURLE_OK) {
            code_ = curl_easy_setopt(handle_.get(), option, value);
        }
    }
    [[nodiscard]] Status status() const;

private:
    struct EasyDeleter {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    std::unique_ptr<CURL, EasyDeleter> handle_;
    CURLcode code_ = CURLE_OK;
};

// Request header lines, "Name: value".
class CurlHeaders {
public:
    // False when there is no memory; what was there before stays.
    [[nodiscard]] bool append(const std::string& line);
    [[nodiscard]] curl_slist* get() const { return list_.get(); }

private:
    struct ListDeleter {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    std::unique_ptr<curl_slist, ListDeleter> list_;
};

// What a failed transfer means to a caller; CURLE_OK is our own mistake.
[[nodiscard]] Code code_of(CURLcode code);
// One phrase with the host, never an address. `detail`: curl's own words, used where they only
// speak of names, ports and certificates.
[[nodiscard]] Error error_of(CURLcode code, const std::string& host, const std::string& detail);

}  // namespace hubfs::upstream
