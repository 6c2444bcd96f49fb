// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/file_answer.h"

#include "fs/base/hash.h"
#include "httpd/http/conditional.h"
#include "httpd/http/disposition.h"
#include "httpd/http/range.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace httpd::routes {

using http::Response;

namespace {

constexpr std::string_view kHeadOfPart = "\r\nContent-Type: ";

// What 200, 206 and 304 have in common (RFC 9110 sections 15.3.7 and 15.4.5).
Response with_validators(const FileFacts& file) {
    Response response;
    http::Headers& headers = response.headers;
    headers.add("ETag", "\"" + file.etag + "\"");
    if (!file.commit.empty()) {
        headers.add("X-Repo-Commit", file.commit);
    }
    headers.add("Cache-Control", file.cache_control);
    if (file.lfs) {
        headers.add("X-Linked-ETag", "\"" + file.sha256 + "\"");
        headers.add("X-Linked-Size", std::to_string(file.size));
    }
    return response;
}

void add_content_headers(Response& response, const FileFacts& file, std::string_view type) {
    http::Headers& headers = response.headers;
    headers.add("Content-Type", type);
    headers.add("Accept-Ranges", "bytes");
    headers.add("Content-Disposition", http::content_disposition(file.path, file.attachment));
    // Strangers uploaded this: a browser that shows it runs nothing of it.
    headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
}

// Whether the client would take a SHA-256 (RFC 9530 section 4): yes, unless it gave that weight 0.
bool wants_sha256(const http::Headers& request) {
    const std::string wanted = request.joined("Want-Repr-Digest");
    return std::ranges::none_of(http::list_members(wanted), [](std::string_view member) {
        const auto equals = member.find('=');
        return http::iequals(http::trim(member.substr(0, equals)), "sha-256") &&
               equals != std::string_view::npos && http::trim(member.substr(equals + 1)) == "0";
    });
}

// RFC 9530: of the whole file, whatever part of it is sent. Only what was verified is promised.
void add_digest(Response& response, const http::Headers& request, const FileFacts& file) {
    std::array<std::uint8_t, 32> digest{};
    if (file.lfs && file.verified && wants_sha256(request) &&
        hubfs::from_hex(file.sha256, digest.data(), digest.size())) {
        response.headers.add("Repr-Digest", "sha-256=:" + hubfs::base64(digest) + ":");
    }
}

std::uint64_t length_of(const std::vector<Segment>& segments) {
    std::uint64_t length = 0;
    for (const Segment& segment : segments) {
        length += segment.of_file() ? segment.range.size() : segment.text.size();
    }
    return length;
}

// RFC 9110 section 14.6.
std::vector<Segment> multipart(const std::vector<hubfs::ByteRange>& ranges, const FileFacts& file,
                               std::string_view type, const std::string& boundary) {
    std::vector<Segment> segments;
    std::string before = "--" + boundary;
    for (const hubfs::ByteRange& range : ranges) {
        before += kHeadOfPart;
        before += type;
        before += "\r\nContent-Range: " + http::content_range(range, file.size) + "\r\n\r\n";
        segments.push_back(Segment{std::move(before), {}});
        segments.push_back(Segment{{}, range});
        before = "\r\n--" + boundary;
    }
    segments.push_back(Segment{"\r\n--" + boundary + "--\r\n", {}});
    return segments;
}

FileAnswer whole(Response response, const FileFacts& file, bool with_body) {
    response.length = file.size;
    FileAnswer result{std::move(response), {}};
    if (with_body && file.size > 0) {
        result.segments.push_back(Segment{{}, hubfs::ByteRange{0, file.size}});
    }
    return result;
}

FileAnswer refused(int status, Response response, std::string_view content_range) {
    response.status = status;
    response.headers.remove("Repr-Digest");  // of an error it would be the error's
    response.headers.add("Accept-Ranges", "bytes");
    if (!content_range.empty()) {
        response.headers.add("Content-Range", content_range);
    }
    return FileAnswer{std::move(response), {}};
}

}  // namespace

FileAnswer answer_file(const http::Request& request, const FileFacts& file,
                       const std::string& boundary, hubfs::Instant now) {
    Response response = with_validators(file);
    add_digest(response, request.headers, file);
    const std::string etag = "\"" + file.etag + "\"";
    const http::Validators validators{etag};
    switch (http::evaluate(request.headers, validators, request.get_or_head(), now)) {
        case http::Verdict::not_modified: response.status = 304; return {std::move(response), {}};
        case http::Verdict::precondition_failed: return refused(412, std::move(response), {});
        case http::Verdict::proceed: break;
    }
    const std::string type(file.pointer ? "text/plain; charset=utf-8"
                                        : http::media_type(file.path, file.lfs));
    const bool get = request.method == http::Method::get;
    const std::string_view asked = request.headers.get("Range");
    if (!get || asked.empty() || request.headers.count("Range") > 1 ||
        !http::range_allowed(request.headers, validators, now)) {
        add_content_headers(response, file, type);
        return whole(std::move(response), file, get);
    }
    if (file.size == 0 && asked == "bytes=0-0") {
        // huggingface.js probes every file so and fails on a 416 (hub-api 4.4); this it takes.
        add_content_headers(response, file, type);
        response.headers.add("Content-Range", http::unsatisfied_range(0));
        return whole(std::move(response), file, get);
    }
    http::RangeChoice choice = file.doubted && http::is_resumption(asked)
                                   ? http::RangeChoice{}
                                   : http::choose_range(asked, file.size);
    switch (choice.kind) {
        case http::RangeChoice::Kind::whole:
            add_content_headers(response, file, type);
            return whole(std::move(response), file, get);
        case http::RangeChoice::Kind::unsatisfiable:
            return refused(416, std::move(response), http::unsatisfied_range(file.size));
        case http::RangeChoice::Kind::parts: break;
    }
    response.status = 206;
    FileAnswer result{std::move(response), {}};
    if (choice.parts.size() == 1) {
        add_content_headers(result.response, file, type);
        result.response.headers.add("Content-Range",
                                    http::content_range(choice.parts.front(), file.size));
        result.segments.push_back(Segment{{}, choice.parts.front()});
    } else {
        add_content_headers(result.response, file, "multipart/byteranges; boundary=" + boundary);
        result.segments = multipart(choice.parts, file, type, boundary);
    }
    result.response.length = length_of(result.segments);
    return result;
}

std::string lfs_pointer(std::string_view sha256, std::uint64_t size) {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(sha256) +
           "\nsize " + std::to_string(size) + "\n";
}

}  // namespace httpd::routes
