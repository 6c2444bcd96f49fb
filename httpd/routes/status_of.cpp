// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/status_of.h"

#include <algorithm>
#include <cerrno>

#include "httpd/routes/answers.h"

namespace httpd::routes {

namespace {

constexpr int kRetrySoon = 5;  // seconds; clients without sense of proportion wait this +1

// Proxy-Status parameters as hubfs writes them: nothing that could break the field.
bool well_formed(std::string_view words) {
    return words.starts_with("error=") && words.size() < 512 && http::is_field_value(words) &&
           words.find(',') == std::string_view::npos;
}

}  // namespace

Failure status_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG: return {404, "", "Not found"};
        case EACCES:
        case EPERM: return {403, "", "Access to this resource is not possible here"};
        case EROFS: return {405, "", "This is a read-only mirror"};
        case EBUSY:
            return {503, "http_request_denied",
                    "The Hub limits this mirror at the moment; try again shortly", kRetrySoon};
        case EREMOTEIO:
            return {502, "destination_unavailable", "The Hub answered with a server error"};
        case EPROTO: return {502, "http_protocol_error", "The Hub's answer was not understood"};
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ECONNREFUSED: return {504, "connection_refused", "The Hub cannot be reached"};
        case ETIMEDOUT: return {504, "http_response_timeout", "The Hub did not answer in time"};
        case EIO: return {502, "http_response_incomplete", "The content did not verify; try again"};
        case ENOSPC:
        case EDQUOT: return {503, "", "The mirror's storage is full", kRetrySoon};
        case EINVAL: return {400, "", "Bad request"};
        case EOPNOTSUPP: return {501, "", "Not offered here"};
        case ENOTCONN:
        case ENODEV:
        case ENXIO:
        case ESTALE:
        case ECONNABORTED:
        case EINTR: return {503, "", "The mirror's storage is not there", kRetrySoon};
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case EAGAIN: return {503, "", "The mirror is overloaded; try again", kRetrySoon};
        default: return {500, "", "Internal error"};
    }
}

http::Response failure_response(int error, bool json, std::string_view last_error) {
    const Failure failure = status_of(error);
    http::Response response = message(failure.status, failure.text, json);
    if (failure.retry_after > 0) {
        response.headers.add("Retry-After", std::to_string(failure.retry_after));
    }
    if (!failure.proxy_error.empty()) {
        response.cache.status = "fwd=miss";
        response.cache.proxy = well_formed(last_error)
                                   ? std::string(last_error)
                                   : "error=" + std::string(failure.proxy_error);
    }
    return response;
}

http::Response overloaded(bool json) {
    http::Response response =
        message(503, "The mirror is busy with files it does not hold yet; try again", json);
    response.headers.add("Retry-After", std::to_string(kRetrySoon));
    return response;
}

}  // namespace httpd::routes
