// SPDX-License-Identifier: Apache-2.0
// A mirror in memory that does everything right, and a hook that spoils its answers: one repository
// a/b with a small file, an LFS file and a folder.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "fs/base/hash.h"
#include "fs/doctor/trail.h"

namespace hubfs::doctor::testing {

inline const std::string kCommit(40, 'c');

inline std::string content_name(HashKind kind, std::string_view bytes) {
    return hash_content(kind, std::as_bytes(std::span(bytes.data(), bytes.size()))).hex();
}

inline void set(upstream::OneAnswer& answer, const std::string& name, const std::string& value) {
    std::erase_if(answer.head.fields, [&](const auto& field) { return field.first == name; });
    if (!value.empty()) {
        answer.head.fields.emplace_back(name, value);
    }
}

class FakeMirror {
public:
    using Spoil = std::function<void(const upstream::OneRequest&, upstream::OneAnswer&)>;
    Spoil spoil;
    std::string small = "{\"hidden_size\": 8}\n";
    std::string large = std::string(300, 'w');

    Result<upstream::OneAnswer> operator()(const upstream::OneRequest& request) const {
        upstream::OneAnswer answer = honest(request);
        set(answer, "access-control-allow-origin", "*");
        set(answer, "x-cache", "HIT");
        if (spoil) {
            spoil(request, answer);
        }
        if (request.method == "HEAD") {
            answer.body.clear();
        }
        return answer;
    }

private:
    static upstream::OneAnswer json(std::string body, int status = 200) {
        upstream::OneAnswer answer;
        answer.head.status = status;
        answer.body = std::move(body);
        set(answer, "content-type", "application/json; charset=utf-8");
        return answer;
    }

    [[nodiscard]] upstream::OneAnswer page(std::string_view target) const {
        const std::array<std::string, 3> items = {
            R"({"type":"directory","oid":")" + std::string(40, 'd') + R"(","size":0,"path":"sub"})",
            R"({"type":"file","oid":")" + content_name(HashKind::git_sha1, small) + R"(","size":)" +
                std::to_string(small.size()) + R"(,"path":"config.json"})",
            R"({"type":"file","oid":")" + std::string(40, 'e') + R"(","size":300,"lfs":{"oid":")" +
                content_name(HashKind::sha256, large) +
                R"(","size":300,"pointerSize":128},"path":"sub/model.bin"})"};
        if (target.find("limit=2") == target.npos) {
            return json("[" + items[0] + "," + items[1] + "," + items[2] + "]");
        }
        if (target.find("cursor=") != target.npos) {
            return json("[" + items[2] + "]");
        }
        auto answer = json("[" + items[0] + "," + items[1] + "]");
        set(answer, "link",
            "<http://mirror:8080" + std::string(target) + "&cursor=x>; rel=\"next\"");
        return answer;
    }

    static upstream::OneAnswer file(const upstream::OneRequest& request, const std::string& bytes,
                                    const std::string& etag) {
        upstream::OneAnswer answer = json(bytes);
        set(answer, "content-type", "text/plain; charset=utf-8");
        set(answer, "etag", "\"" + etag + "\"");
        set(answer, "x-repo-commit", kCommit);
        for (const std::string& header : request.headers) {
            constexpr std::string_view kRange = "Range: bytes=";
            if (!header.starts_with(kRange)) {
                continue;
            }
            const std::size_t first = std::stoull(header.substr(kRange.size()));
            const std::string total = std::to_string(bytes.size());
            if (first >= bytes.size()) {
                answer.head.status = 416;
                answer.body.clear();
                set(answer, "content-range", "bytes */" + total);
                continue;
            }
            const std::size_t last = std::stoull(header.substr(header.rfind('-') + 1));
            answer.head.status = 206;
            answer.body = bytes.substr(first, last - first + 1);
            set(answer, "content-range",
                "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + total);
        }
        set(answer, "content-length", std::to_string(answer.body.size()));
        return answer;
    }

    [[nodiscard]] upstream::OneAnswer honest(const upstream::OneRequest& request) const {
        const std::string_view target = request.url.target;
        if (target == "/api/models/a/b/revision/main") {
            return json(R"({"_id":")" + std::string(24, 'a') +
                        R"(","id":"a/b","private":false,"sha":")" + kCommit +
                        R"(","gated":false,"disabled":false})");
        }
        if (target.starts_with("/api/models/a/b/tree/main?")) {
            return page(target);
        }
        if (target == "/a/b/resolve/main/config.json") {
            return file(request, small, content_name(HashKind::git_sha1, small));
        }
        if (target == "/a/b/resolve/main/sub/model.bin") {
            return file(request, large, content_name(HashKind::sha256, large));
        }
        auto answer = json(R"({"error":"…"})", target == "/api/whoami-v2" ? 401 : 404);
        if (target.find("/resolve/") != target.npos) {
            set(answer, "x-error-code", "EntryNotFound");
            set(answer, "x-repo-commit", kCommit);
        } else if (target.starts_with("/api/models/")) {
            answer.head.status = 401;
            set(answer, "x-error-code", "RepoNotFound");
        }
        return answer;
    }
};

}  // namespace hubfs::doctor::testing
