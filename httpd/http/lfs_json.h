// SPDX-License-Identifier: Apache-2.0
// The JSON of git-lfs' batch interface (git-lfs documentation "Batch API"): the client's question,
// upstream's answer, and the answer as we give it. Pure; both inputs are untrusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace httpd::http {

inline constexpr std::string_view kLfsType = "application/vnd.git-lfs+json";
// Objects of one batch; git-lfs asks for 100.
inline constexpr std::size_t kLfsObjectsMax = 10'000;

struct LfsObject {
    std::string oid;  // 64 lower-case hex digits in a question that was accepted
    std::uint64_t size = 0;
};

struct LfsBatch {
    bool download = true;
    std::string ref;  // "refs/heads/main"; empty: not said
    std::vector<LfsObject> objects;
};
// Nothing for what is no batch, for malformed oids and for too many objects.
[[nodiscard]] std::optional<LfsBatch> parse_lfs_batch(std::string_view body);

// One object of an answer: where it is, or why it is nowhere.
struct LfsPlace {
    LfsObject object{};
    std::string href{};
    // What is to be sent along with a request for href: the asker's own Authorization, or nothing.
    std::string authorization{};
    int error_code = 0;  // with an empty href
    std::string error_message{};
};
// Upstream's answer to a download; nothing when it is none. Header fields it wants are not kept:
// nobody but us goes to its addresses.
[[nodiscard]] std::optional<std::vector<LfsPlace>> parse_lfs_answer(std::string_view body);

[[nodiscard]] std::string lfs_question(const std::vector<LfsObject>& objects);
[[nodiscard]] std::string lfs_answer(const std::vector<LfsPlace>& places);

// 64 lower-case hex digits.
[[nodiscard]] bool is_lfs_oid(std::string_view text);

}  // namespace httpd::http
