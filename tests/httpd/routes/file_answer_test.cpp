// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/file_answer.h"

#include <gtest/gtest.h>

namespace httpd::routes {
namespace {

FileFacts facts(std::uint64_t size = 1000) {
    FileFacts file;
    file.path = "d/model.bin";
    file.size = size;
    file.etag = "e";
    file.sha256 = "e";
    file.commit = "c";
    file.cache_control = "public";
    file.lfs = true;
    return file;
}

FileAnswer ask(const char* range, std::uint64_t size = 1000,
               http::Method method = http::Method::get) {
    http::Request request;
    request.method = method;
    if (*range != '\0') {
        request.headers.add("Range", range);
    }
    return answer_file(request, facts(size), "BB", hubfs::Instant{});
}

TEST(FileAnswer, a_whole_file_is_one_segment) {
    const FileAnswer answer = ask("");
    EXPECT_EQ(answer.response.status, 200);
    EXPECT_EQ(answer.response.length, 1000U);
    ASSERT_EQ(answer.segments.size(), 1U);
    EXPECT_EQ(answer.segments[0].range, (hubfs::ByteRange{0, 1000}));
    EXPECT_EQ(answer.response.headers.get("X-Linked-Size"), "1000");
    EXPECT_TRUE(ask("", 0).segments.empty());
    EXPECT_EQ(ask("", 0).response.length, 0U);
}

TEST(FileAnswer, head_says_the_length_and_sends_nothing) {
    const FileAnswer answer = ask("bytes=0-1", 1000, http::Method::head);
    EXPECT_EQ(answer.response.status, 200);
    EXPECT_EQ(answer.response.length, 1000U);
    EXPECT_TRUE(answer.segments.empty());
}

TEST(FileAnswer, multipart_has_exact_length_and_heads) {
    const FileAnswer answer = ask("bytes=0-1,500-501");
    EXPECT_EQ(answer.response.status, 206);
    EXPECT_FALSE(answer.response.headers.has("Content-Range"));
    EXPECT_EQ(answer.response.headers.get("Content-Type"), "multipart/byteranges; boundary=BB");
    std::string body;
    for (const Segment& segment : answer.segments) {
        body += segment.of_file() ? std::string(segment.range.size(), 'x') : segment.text;
    }
    EXPECT_EQ(body,
              "--BB\r\nContent-Type: application/octet-stream\r\n"
              "Content-Range: bytes 0-1/1000\r\n\r\nxx\r\n"
              "--BB\r\nContent-Type: application/octet-stream\r\n"
              "Content-Range: bytes 500-501/1000\r\n\r\nxx\r\n--BB--\r\n");
    EXPECT_EQ(answer.response.length, body.size());
}

TEST(FileAnswer, the_probe_of_an_empty_file_is_answered_and_nothing_else) {
    EXPECT_EQ(ask("bytes=0-0", 0).response.status, 200);
    EXPECT_EQ(ask("bytes=0-0", 0).response.headers.get("Content-Range"), "bytes */0");
    EXPECT_EQ(ask("bytes=0-1", 0).response.status, 416);
    EXPECT_EQ(ask("bytes=2000-").response.headers.get("Content-Range"), "bytes */1000");
}

TEST(FileAnswer, two_range_headers_are_none) {
    http::Request request;
    request.headers.add("Range", "bytes=0-1");
    request.headers.add("Range", "bytes=2-3");
    EXPECT_EQ(answer_file(request, facts(), "B", hubfs::Instant{}).response.status, 200);
}

TEST(FileAnswer, an_unmodified_file_keeps_its_validators) {
    http::Request request;
    request.headers.add("If-None-Match", "\"e\"");
    const FileAnswer answer = answer_file(request, facts(), "B", hubfs::Instant{});
    EXPECT_EQ(answer.response.status, 304);
    EXPECT_EQ(answer.response.headers.get("ETag"), "\"e\"");
    EXPECT_EQ(answer.response.headers.get("X-Repo-Commit"), "c");
    EXPECT_TRUE(answer.segments.empty());
}

TEST(FileAnswer, only_verified_lfs_content_has_a_digest) {
    FileFacts file = facts();
    file.lfs = true;
    file.sha256 = std::string(64, '0');
    const auto digest = [&](const char* wanted) {
        http::Request request;
        if (wanted != nullptr) {
            request.headers.add("Want-Repr-Digest", wanted);
        }
        const FileAnswer answer = answer_file(request, file, "B", hubfs::Instant{});
        return std::string(answer.response.headers.get("Repr-Digest"));
    };
    EXPECT_EQ(digest(nullptr), "");
    file.verified = true;
    const std::string zeros = "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:";
    EXPECT_EQ(digest(nullptr), zeros);
    EXPECT_EQ(digest("sha-512=1, sha-256=5"), zeros);
    EXPECT_EQ(digest("sha-512=1,SHA-256 = 0"), "");
    file.sha256 = "not hex";
    EXPECT_EQ(digest(nullptr), "");
}

TEST(FileAnswer, a_doubted_file_is_not_resumed) {
    FileFacts file = facts();
    file.doubted = true;
    http::Request request;
    request.headers.add("Range", "bytes=500-");
    const FileAnswer whole = answer_file(request, file, "BB", hubfs::Instant{});
    EXPECT_EQ(whole.response.status, 200);
    EXPECT_EQ(whole.response.length, 1000U);
    request.headers.set("Range", "bytes=500-599");
    EXPECT_EQ(answer_file(request, file, "BB", hubfs::Instant{}).response.status, 206);
}

TEST(FileAnswer, the_pointer_is_what_git_lfs_says) {
    EXPECT_EQ(lfs_pointer("ab", 12),
              "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n");
}

}  // namespace
}  // namespace httpd::routes
