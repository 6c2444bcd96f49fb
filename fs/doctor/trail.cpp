// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/trail.h"

#include <utility>

#include "fs/doctor/limits.h"

namespace hubfs::doctor {

namespace {

bool redirects(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Result<Trail> follow(const Ask& ask, upstream::OneRequest request) {
    Trail trail;
    while (true) {
        auto answer = ask(request);
        if (!answer) {
            return std::unexpected(std::move(answer.error()));
        }
        trail.answer = std::move(*answer);
        if (trail.redirects == 0) {
            trail.first = trail.answer.head;
        }
        const auto location = trail.answer.head.single("location");
        if (!redirects(trail.status()) || !location) {
            return trail;
        }
        const auto next = upstream::resolve(request.url, *location);
        if (!next) {
            return fail(Code::protocol, "a redirect to no address");
        }
        if (!next->same_origin(request.url)) {
            trail.foreign = next;
            return trail;
        }
        if (++trail.redirects > kRedirectsMax) {
            return fail(Code::protocol,
                        "more than " + std::to_string(kRedirectsMax) + " redirects");
        }
        request.url = *next;
    }
}

std::optional<std::string> next_of(std::string_view link) {
    while (true) {
        const std::size_t open = link.find('<');
        const std::size_t close = link.find('>', open == std::string_view::npos ? 0 : open);
        if (open == std::string_view::npos || close == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view address = link.substr(open + 1, close - open - 1);
        link.remove_prefix(close + 1);
        const std::string_view parameters = link.substr(0, link.find('<'));
        if (parameters.find("rel=\"next\"") != std::string_view::npos ||
            parameters.find("rel=next") != std::string_view::npos) {
            return std::string(address);
        }
    }
}

std::string_view bare_etag(std::string_view etag) {
    if (etag.starts_with("W/")) {
        etag.remove_prefix(2);
    }
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return etag;
}

upstream::Url below(const upstream::Url& base, std::string_view target) {
    upstream::Url url = base;
    while (url.target.ends_with('/')) {
        url.target.pop_back();
    }
    url.target += target;
    return url;
}

}  // namespace hubfs::doctor
