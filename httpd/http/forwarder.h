// SPDX-License-Identifier: Apache-2.0
// The pass-through as the routes see it: a request goes to upstream and its answer comes back,
// streamed both ways, never stored. Implemented by proxy/forwarder; tests put their own here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "httpd/http/request.h"
#include "httpd/http/response.h"

namespace httpd::http {

struct Forward {
    Request request;
    // Whether the client's Authorization goes along. Never for public content: upstream would then
    // answer for one person what others must not see.
    bool with_token = true;
    // Whether the answer is JSON that may show Xet (trees, paths-info): it is then read whole and
    // xetHash taken out.
    bool filter_json = false;
    // Instead of the request's own body, when that was read already.
    std::optional<std::string> body{};
    // Where to ask instead of the request's own target: an absolute address that upstream gave.
    // Only upstream itself and its content hosts are gone to.
    std::string address{};
    // When not 0: the answer's body is read into its text; longer than this it is a failure.
    std::size_t read_whole = 0;
};

class Forwarder {
public:
    virtual ~Forwarder() = default;
    // Thread-safe, does not block. The reply comes within the upstream deadline (plus the time the
    // client takes to send its body): upstream's answer, or 502, 503 or 504 with Proxy-Status.
    virtual void forward(Forward order, Reply reply) = 0;
};

}  // namespace httpd::http
