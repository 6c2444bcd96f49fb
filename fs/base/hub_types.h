// SPDX-License-Identifier: Apache-2.0
// The nouns that every part shares: repository, commit, content, range. Values, immutable, no I/O.
// Things that could be swapped by mistake are types of their own.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubfs {

enum class RepoType : std::uint8_t { model, dataset };

// "models", "datasets": the word in API addresses and at the top of the mount.
[[nodiscard]] std::string_view plural(RepoType type);
[[nodiscard]] std::optional<RepoType> repo_type_from(std::string_view plural);

// A repository as the Hub names it: "namespace/name", or one segment for canonical repositories.
struct RepoKey {
    RepoType type = RepoType::model;
    std::string id;
    auto operator<=>(const RepoKey&) const = default;
};

// What the Hub accepts as a repository id: one or two segments of 1 to 96 characters from
// [A-Za-z0-9._-], none of them "." or "..". Everything else is refused before it goes anywhere.
[[nodiscard]] bool valid_repo_id(std::string_view id);

// A git commit: 20 bytes, shown as 40 lower-case hex digits.
struct CommitId {
    std::array<std::uint8_t, 20> bytes{};
    auto operator<=>(const CommitId&) const = default;
    [[nodiscard]] std::string hex() const;
    [[nodiscard]] static std::optional<CommitId> from_hex(std::string_view hex);
};

enum class HashKind : std::uint8_t { sha256, git_sha1 };

// The name of a content: SHA-256 for LFS content, git blob SHA-1 for files kept in git.
struct ContentHash {
    HashKind kind = HashKind::git_sha1;
    std::array<std::uint8_t, 32> bytes{};  // git_sha1 uses the first 20; the rest is zero
    auto operator<=>(const ContentHash&) const = default;
    [[nodiscard]] std::size_t size() const { return kind == HashKind::sha256 ? 32 : 20; }
    [[nodiscard]] std::string hex() const;
    [[nodiscard]] static std::optional<ContentHash> from_hex(HashKind kind, std::string_view hex);
};

// A content: its name and its exact size in bytes.
struct Content {
    ContentHash hash;
    std::uint64_t size_bytes = 0;
    auto operator<=>(const Content&) const = default;
};

// Where a content can be fetched from upstream.
struct ContentLocation {
    RepoKey repo;
    CommitId commit;
    std::string path;  // from the repository root, as the tree spells it
};

// Bytes [first, end) of a content.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    auto operator<=>(const ByteRange&) const = default;
    [[nodiscard]] std::uint64_t size() const { return end - first; }
    [[nodiscard]] bool empty() const { return end <= first; }
};

[[nodiscard]] std::string to_hex(const std::uint8_t* bytes, std::size_t n);
// Lower or upper case; false when the text is not exactly 2*n hex digits.
[[nodiscard]] bool from_hex(std::string_view hex, std::uint8_t* bytes, std::size_t n);

struct ContentHashHasher {
    std::size_t operator()(const ContentHash& hash) const;
};

}  // namespace hubfs
