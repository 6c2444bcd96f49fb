// SPDX-License-Identifier: Apache-2.0
// The tables of the store, their keys and their rows: the C++ side of docs/formats.md. Pure. A row
// that does not decode is Code::corrupt. Row structures hold what is stored and nothing derived.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/hub/types.h"
#include "fs/meta/blob_table.h"
#include "fs/meta/catalog.h"

namespace hubfs::meta {

// Raised by every change of a table's meaning; a store of another version is migrated or refused.
inline constexpr std::uint32_t kFormatVersion = 2;

enum class Table : std::uint8_t {
    format,          // "version" -> u32
    counters,        // name -> u64: the next free number of each kind, totals
    repos,           // type, shape, id -> RepoRow
    repo_names,      // repository number -> RepoKey
    aliases,         // type, shape, asked id -> AliasRow
    refs,            // repository number, name -> RefRow
    commits,         // commit number -> CommitRow; only complete ones
    commit_numbers,  // repository number, commit id -> commit number
    pending,         // commit number -> nothing: its tree is being written
    entries,         // commit number, entry number -> EntryRow
    names,           // commit number, parent's entry number, name -> entry number
    blobs,           // kind, hash -> BlobRecord
    targets,         // SHA-256 of a request target -> document number
    documents,       // document number -> DocumentRow
    bodies,          // document number, version -> BodyRow
    uses,            // last use, document number -> nothing
    interned,        // path (or 0, SHA-256 of it) -> number
    paths,           // number -> path
    changes,         // epoch -> ChangeRow
    pins,            // type, shape, id, 0, revision -> PinRow
    left,            // kind, hash -> LeftRecord
    locations,       // beginning of a content's hash, commit number -> LocationRow
    sums,            // kind, hash, number -> SumRow (sum_table.h)
    follows,         // type, shape, id, 0, revision -> FollowRow
};
inline constexpr std::size_t kTables = 24;
[[nodiscard]] const char* name_of(Table table);

// Names of counters.
inline constexpr std::string_view kNextRepo = "next_repo";
inline constexpr std::string_view kNextCommit = "next_commit";
inline constexpr std::string_view kNextDocument = "next_document";
inline constexpr std::string_view kNextInterned = "next_interned";
inline constexpr std::string_view kDocumentBytes = "document_bytes";
inline constexpr std::string_view kCacheTurns = "cache_turns";
// Commits 1 to this one came before the table of locations and are not in it yet; no row: all are.
inline constexpr std::string_view kUnlocated = "unlocated";

struct RepoRow {
    std::uint32_t number = 0;
    hub::RepoState state = hub::RepoState::open;
    bool no_main = false;  // it has no branch "main": ask for the repository itself
    How how = How::fetched;
    Instant checked{};
};

struct AliasRow {
    Instant checked{};
    std::string canonical_id;
};

struct RefRow {
    CommitId commit;
    How how = How::fetched;
    bool listed = false;  // a branch or tag of the Hub's own listing of refs
    Instant checked{};
    std::optional<Instant> date;  // of the commit, where the Hub said it in the same answer
};

struct CommitRow {
    std::uint32_t repo = 0;
    CommitId id;
    Instant date{};
    std::uint32_t entries = 0;  // synthesised directories included
    std::uint64_t trees_bytes = 0;
    Instant checked{};  // when the tree was fetched
};

struct EntryRow {
    std::uint32_t parent = 0;
    bool synthesised = false;  // a directory that the Hub's listing left out
    hub::TreeEntry entry;
};

struct DocumentRow {
    std::uint32_t version = 0;  // the newest
    std::uint32_t oldest = 0;   // the oldest one kept
    How how = How::fetched;
    Instant checked{};
    Instant used{};
    std::uint64_t bytes = 0;  // charged to the quota, all versions
    std::uint16_t status = 0;
    std::string target;
    std::string etag;
};

struct BodyRow {
    std::uint16_t status = 0;
    Instant fetched{};
    std::string content_type, etag, link, error_code, error_message, body;
    std::string total_count{};  // stored only when there is one
};

struct ChangeRow {
    RepoKey repo;
    hub::RepoState state = hub::RepoState::open;
};

// Files of a commit that stay in the cache.
struct PinRow {
    std::uint32_t commit = 0;  // its number
    Instant since{};
    std::vector<std::string> include, exclude;  // patterns; no include: every file
};

// Where a content stands in a commit.
struct LocationRow {
    std::uint32_t entry = 0;
    std::uint32_t repo = 0;  // the commit's
};

// What a file of a tree holds; nothing for a directory and for hashes that are none.
[[nodiscard]] std::optional<ContentHash> content_hash(const hub::TreeEntry& entry);

// A branch or tag whose newest commit is fetched and stays in the cache. Of both commits the chosen
// files are held: of the last complete one until the next one is.
struct FollowRow {
    std::uint32_t complete = 0;  // number of the commit that was fetched last; 0: none yet
    std::uint32_t coming = 0;    // of the one that is being fetched; 0: none
    Instant since{};
    Instant completed{};                        // when `complete` was
    std::vector<std::string> include, exclude;  // as a pin's
};

// --- keys ----------------------------------------------------------------------------------------
[[nodiscard]] std::string number_key(std::uint32_t number);
[[nodiscard]] std::string number_key(std::uint32_t high, std::uint32_t low);
[[nodiscard]] std::string wide_key(std::uint64_t number);
// One-segment repositories sort before all namespaces, so that both can be listed by a range.
[[nodiscard]] std::string repo_key(const RepoKey& repo);
// The beginning of all keys of a namespace; "" is the one-segment repositories.
[[nodiscard]] std::string namespace_key(RepoType type, std::string_view name_space);
[[nodiscard]] Result<RepoKey> repo_from_key(std::string_view key);
// A repository and a revision as it was named: neither has a NUL in it.
[[nodiscard]] std::string revision_key(const RepoKey& repo, std::string_view revision);
[[nodiscard]] Result<std::pair<RepoKey, std::string>> revision_from_key(std::string_view key);
[[nodiscard]] std::string ref_key(std::uint32_t repo, std::string_view name);
[[nodiscard]] std::string commit_key(std::uint32_t repo, const CommitId& id);
[[nodiscard]] std::string name_key(std::uint32_t commit, std::uint32_t parent,
                                   std::string_view name);
[[nodiscard]] std::string blob_key(const ContentHash& hash);
[[nodiscard]] Result<ContentHash> blob_from_key(std::string_view key);
[[nodiscard]] std::string target_key(std::string_view target);
[[nodiscard]] std::string use_key(Instant used, std::uint32_t document);
[[nodiscard]] std::string interned_key(std::string_view path);
// The first eight bytes of a hash, as a number that sorts as they do.
[[nodiscard]] std::uint64_t prefix_of(const ContentHash& hash);
[[nodiscard]] std::string location_key(std::uint64_t prefix, std::uint32_t commit);

// --- values --------------------------------------------------------------------------------------
[[nodiscard]] std::string encode(std::uint32_t number);
[[nodiscard]] std::string encode(std::uint64_t number);
[[nodiscard]] std::string encode(const RepoRow& row);
[[nodiscard]] std::string encode(const AliasRow& row);
[[nodiscard]] std::string encode(const RefRow& row);
[[nodiscard]] std::string encode(const CommitRow& row);
// A masked or malformed hash in the entry is Code::protocol: only verified facts are stored.
[[nodiscard]] Result<std::string> encode(const EntryRow& row);
// Where the parent stands in an encoded EntryRow: it is known last.
void set_parent(std::string& encoded, std::uint32_t parent);
[[nodiscard]] std::string encode(const BlobRecord& record);
[[nodiscard]] std::string encode(const LeftRecord& record);
[[nodiscard]] std::string encode(const DocumentRow& row);
[[nodiscard]] std::string encode(const BodyRow& row);
[[nodiscard]] std::string encode(const ChangeRow& row);
[[nodiscard]] std::string encode(const PinRow& row);
[[nodiscard]] std::string encode(const LocationRow& row);
[[nodiscard]] std::string encode(const FollowRow& row);

template <class T>
[[nodiscard]] Result<T> decode(std::string_view bytes);
template <>
Result<std::uint32_t> decode(std::string_view bytes);
template <>
Result<std::uint64_t> decode(std::string_view bytes);
template <>
Result<RepoRow> decode(std::string_view bytes);
template <>
Result<AliasRow> decode(std::string_view bytes);
template <>
Result<RefRow> decode(std::string_view bytes);
template <>
Result<CommitRow> decode(std::string_view bytes);
template <>
Result<EntryRow> decode(std::string_view bytes);
template <>
Result<BlobRecord> decode(std::string_view bytes);
template <>
Result<LeftRecord> decode(std::string_view bytes);
template <>
Result<DocumentRow> decode(std::string_view bytes);
template <>
Result<BodyRow> decode(std::string_view bytes);
template <>
Result<ChangeRow> decode(std::string_view bytes);
template <>
Result<PinRow> decode(std::string_view bytes);
template <>
Result<LocationRow> decode(std::string_view bytes);
template <>
Result<FollowRow> decode(std::string_view bytes);

}  // namespace hubfs::meta
