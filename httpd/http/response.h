// SPDX-License-Identifier: Apache-2.0
// One response as the routes make it. What every response carries (Date, X-Cache, CORS …) is added
// by http/common_headers; framing is the protocol's. Owned by the connection that sends it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "httpd/http/body_source.h"
#include "httpd/http/cache_note.h"
#include "httpd/http/headers.h"
#include "httpd/http/once.h"
#include "httpd/http/request.h"

namespace httpd::http {

struct Response {
    int status = 200;
    Headers headers{};
    std::string text{};                    // the whole body, when there is no source
    std::unique_ptr<BodySource> source{};  // else this
    // Of the source, or of the body that a HEAD leaves out; nothing: text's, or not known before
    // the end (a passed-through answer).
    std::optional<std::uint64_t> length{};
    bool length_unknown = false;
    CacheNote cache{};
    bool close = false;  // the connection ends after this response
};

// Answers exactly once, from any thread; dropped, it answers 500.
using Reply = Once<Response>;

class Handler {
public:
    virtual ~Handler() = default;
    // Called on an event loop: must not block.
    virtual void handle(Request request, Reply reply) = 0;
};

// A line of the access log. Nothing here identifies a person: see docs/http.md, "Access log".
struct LogEntry {
    hubfs::Instant at{};
    std::string method;
    std::string client;  // truncated before it came here
    std::string user_agent;
    std::string path;  // without the query
    int status = 0;
    std::uint64_t bytes = 0;  // of the body, as sent
    CacheResult cache = CacheResult::miss;
    std::uint64_t milliseconds = 0;
};

class Journal {
public:
    virtual ~Journal() = default;
    virtual void record(LogEntry entry) = 0;
};

// "Not Found"; the empty text for a status without a name.
[[nodiscard]] std::string_view reason_of(int status);

// A body of plain text, not cacheable: what we say ourselves.
[[nodiscard]] Response plain(int status, std::string_view text);

}  // namespace httpd::http
