// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/schema.h"

#include "fs/base/hash.h"
#include "fs/meta/codec.h"
#include "fs/meta/limits.h"

namespace hubfs::meta {

const char* name_of(Table table) {
    static constexpr std::array<const char*, kTables> kNames = {
        "format",  "counters",       "repos",   "repo_names", "aliases",  "refs",
        "commits", "commit_numbers", "pending", "entries",    "names",    "blobs",
        "targets", "documents",      "bodies",  "uses",       "interned", "paths",
        "changes", "pins",           "left",    "locations",  "sums",     "follows"};
    return kNames[static_cast<std::size_t>(table)];
}

std::string number_key(std::uint32_t number) {
    return Writer().u32_big(number).take();
}

std::string number_key(std::uint32_t high, std::uint32_t low) {
    return Writer().u32_big(high).u32_big(low).take();
}

std::string wide_key(std::uint64_t number) {
    return Writer().u64_big(number).take();
}

std::string repo_key(const RepoKey& repo) {
    const bool spaced = repo.id.find('/') != std::string::npos;
    return Writer().u8(static_cast<std::uint8_t>(repo.type)).u8(spaced ? 1 : 0).raw(repo.id).take();
}

std::string namespace_key(RepoType type, std::string_view name_space) {
    Writer writer;
    writer.u8(static_cast<std::uint8_t>(type)).u8(name_space.empty() ? 0 : 1).raw(name_space);
    return name_space.empty() ? writer.take() : writer.raw("/").take();
}

Result<RepoKey> repo_from_key(std::string_view key) {
    Reader reader(key);
    const std::uint8_t type = reader.u8();
    const bool spaced = reader.u8() != 0;
    RepoKey repo{static_cast<RepoType>(type), std::string(reader.rest())};
    if (!reader.ok() || type > 1 || !valid_repo_id(repo.id) ||
        spaced != (repo.id.find('/') != std::string::npos)) {
        return fail(Code::corrupt, "key of a repository");
    }
    return repo;
}

std::string revision_key(const RepoKey& repo, std::string_view revision) {
    return Writer().raw(repo_key(repo)).u8(0).raw(revision).take();
}

Result<std::pair<RepoKey, std::string>> revision_from_key(std::string_view key) {
    // The first two bytes of a repository's key are numbers.
    const std::size_t end = key.find('\0', 2);
    if (end == std::string_view::npos) {
        return fail(Code::corrupt, "key of a revision");
    }
    auto repo = repo_from_key(key.substr(0, end));
    if (!repo) {
        return std::unexpected(std::move(repo.error()));
    }
    return std::pair(std::move(*repo), std::string(key.substr(end + 1)));
}

std::string ref_key(std::uint32_t repo, std::string_view name) {
    return Writer().u32_big(repo).raw(name).take();
}

std::string commit_key(std::uint32_t repo, const CommitId& id) {
    return Writer().u32_big(repo).raw(id.bytes).take();
}

std::string name_key(std::uint32_t commit, std::uint32_t parent, std::string_view name) {
    return Writer().u32_big(commit).u32_big(parent).raw(name).take();
}

std::string blob_key(const ContentHash& hash) {
    return Writer().u8(static_cast<std::uint8_t>(hash.kind)).raw(hash.bytes, hash.size()).take();
}

Result<ContentHash> blob_from_key(std::string_view key) {
    Reader reader(key);
    const std::uint8_t kind = reader.u8();
    ContentHash hash;
    if (kind > 1) {
        return fail(Code::corrupt, "key of a blob");
    }
    hash.kind = static_cast<HashKind>(kind);
    reader.raw(hash.bytes, hash.size());
    if (!reader.done()) {
        return fail(Code::corrupt, "key of a blob");
    }
    return hash;
}

std::string target_key(std::string_view target) {
    return Writer().raw(sha256(target)).take();
}

std::string use_key(Instant used, std::uint32_t document) {
    return Writer()
        .u64_big(static_cast<std::uint64_t>(used.time_since_epoch().count()))
        .u32_big(document)
        .take();
}

std::uint64_t prefix_of(const ContentHash& hash) {
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        prefix = prefix << 8 | hash.bytes[i];
    }
    return prefix;
}

std::string location_key(std::uint64_t prefix, std::uint32_t commit) {
    return Writer().u64_big(prefix).u32_big(commit).take();
}

std::optional<ContentHash> content_hash(const hub::TreeEntry& entry) {
    if (entry.directory) {
        return std::nullopt;
    }
    return entry.lfs() ? ContentHash::from_hex(HashKind::sha256, entry.lfs_oid)
                       : ContentHash::from_hex(HashKind::git_sha1, entry.oid);
}

std::string interned_key(std::string_view path) {
    // A path never begins with NUL, so the two forms cannot meet.
    if (path.size() <= kInternedKeyMaxBytes && !path.empty()) {
        return std::string(path);
    }
    return Writer().u8(0).raw(sha256(path)).take();
}

}  // namespace hubfs::meta
