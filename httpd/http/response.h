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

// The answer may be given again to the same request (the same bytes of a head) while the mount's
// epoch is this one and until `expires` (docs/http.md, "Hot answers"). Said only of a HIT.
struct Keep {
    std::uint64_t epoch = 0;                  // read before anything of the answer was
    std::optional<hubfs::Instant> expires{};  // of the reference; nothing: asked for by commit
};

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
    std::optional<Keep> keep{};
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
    // The same for answers given again and again: tail() once, what a line has after the client's
    // address; append() each time, which neither waits nor allocates.
    [[nodiscard]] virtual std::string tail(const LogEntry& entry) const = 0;
    virtual void append(hubfs::Instant at, std::string_view client, std::string_view tail) = 0;
};

// "Not Found"; the empty text for a status without a name.
[[nodiscard]] std::string_view reason_of(int status);

// A body of plain text, not cacheable: what we say ourselves.
[[nodiscard]] Response plain(int status, std::string_view text);

}  // namespace httpd::http
