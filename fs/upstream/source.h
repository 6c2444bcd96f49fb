// SPDX-License-Identifier: Apache-2.0
// The Hub as the stores above see it: documents and ranges of content, nothing of curl. The real
// one is upstream::HubClient; tests/support/fake_source.h holds answers until a test releases them.
// Thread-safe. Every call ends within the configured deadline, with an answer or an error whose
// code says what happened (rate_limited: 429 or budget; unavailable: 5xx; protocol: TLS or a broken
// answer; unreachable; timed_out; offline). HTTP statuses below 500 other than 429 are answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"

namespace hubfs::upstream {

// One GET of the Hub's API, asked without redirects to other hosts; redirects on the Hub's own host
// are followed, at most five.
struct ApiRequest {
    std::string target{};         // origin-form: "/api/models/…?…", percent-encoded
    std::string if_none_match{};  // an ETag as it was received, or empty
    std::size_t body_max_bytes = 64U << 20;
    // The operator's token may raise the quota of a listing of files; answers that are kept as
    // documents are asked without it, so that they never hold what anonymous users cannot see.
    bool with_token = false;
};

struct ApiResponse {
    int status = 0;              // 200, 304, 4xx
    std::string final_target{};  // where redirects ended: differs when the repository was renamed
    std::string content_type{};
    std::string etag{};           // as received, quotes and W/ included
    std::string link{};           // the Link header as received
    std::string total_count{};    // X-Total-Count, digits only
    std::string error_code{};     // X-Error-Code
    std::string error_message{};  // X-Error-Message
    std::string body{};           // decoded
};

// Receives one range in order, on the transfer thread: must not block on anything but the disk.
class ContentSink {
public:
    virtual ~ContentSink() = default;
    // The next bytes of the range. False stops the transfer (done() follows with cancelled).
    virtual bool on_bytes(std::span<const std::byte> bytes) = 0;
    // Exactly once, last. Success means that every byte of the range was delivered.
    virtual void on_done(Status status) = 0;
};

struct ContentRequest {
    ContentLocation location;
    Content content;  // what is expected: a different total length is Code::protocol
    ByteRange range;  // not empty, within the content
};

// A range under way; destroying the handle does not cancel it.
class Transfer {
public:
    virtual ~Transfer() = default;
    virtual void cancel() = 0;  // from any thread; on_done() follows with cancelled
};

class Source {
public:
    virtual ~Source() = default;
    virtual void api(ApiRequest request, Done<ApiResponse> done) = 0;
    // A bounded range, never a full GET. The sink lives until on_done() has returned.
    virtual std::shared_ptr<Transfer> content(ContentRequest request,
                                              std::shared_ptr<ContentSink> sink) = 0;
};

}  // namespace hubfs::upstream
