// SPDX-License-Identifier: Apache-2.0
// What HTTP says about a file: validators, conditions, ranges, and the parts of the body in order
// (RFC 9110 sections 13 to 15). Pure: it is told everything about the file and reads none of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "httpd/http/request.h"
#include "httpd/http/response.h"

namespace httpd::routes {

struct FileFacts {
    std::string path;  // for the name and type
    std::uint64_t size = 0;
    std::string etag;    // without quotes
    std::string sha256;  // LFS content only
    std::string commit;
    std::string cache_control;
    bool lfs = false;      // bytes of LFS content
    bool pointer = false;  // the text that git holds instead of them (/raw/)
    bool attachment = false;
    bool verified = false;  // every byte is here and has the promised hash
    // Wrong bytes of it may have been sent lately: who resumes a download gets the whole file.
    bool doubted = false;
};

// A piece of the body: text of ours (multipart heads) or a range of the file.
struct Segment {
    std::string text{};
    hubfs::ByteRange range{};

    [[nodiscard]] bool of_file() const { return text.empty(); }
};

struct FileAnswer {
    http::Response response;        // without a body; length is set where there is one
    std::vector<Segment> segments;  // empty for HEAD, 304, 412, 416 and empty files
};

// `boundary`: of a multipart body; must not occur in the file by more than chance.
[[nodiscard]] FileAnswer answer_file(const http::Request& request, const FileFacts& file,
                                     const std::string& boundary, hubfs::Instant now);

// The text that git holds in place of an LFS file (git-lfs specification).
[[nodiscard]] std::string lfs_pointer(std::string_view sha256, std::uint64_t size);

}  // namespace httpd::routes
