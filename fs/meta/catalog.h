// SPDX-License-Identifier: Apache-2.0
// What is known about repositories, refs, commits, trees and documents: answered from LMDB when it
// is there and fresh, else asked of upstream and kept. The three outcomes of a look-up (present,
// known absent, unknown) never leave this class: callers get the answer, Code::not_found, or why
// it could not be had. Freshness is docs/caching.md's table; `expires` is absolute and final.
//
// Thread-safe. A call answers inline when the store can (no network, no waiting); otherwise its
// callback comes from a pool thread, once, within the upstream deadline. Equal questions under way
// are one question (single flight). Callbacks must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/hub/types.h"

namespace hubfs {
class ThreadPool;
}
namespace hubfs::upstream {
class Source;
}

namespace hubfs::meta {

class Database;

// How the answer came to be: fetched now or earlier, confirmed by a 304, or past its lifetime.
enum class How : std::uint8_t { fetched, revalidated, stale };
[[nodiscard]] std::string_view name_of(How how);

struct Freshness {
    Instant checked{};  // when upstream last said so
    Instant expires{};  // until then it is used without asking
    How how = How::fetched;
};

struct RepoView {
    RepoKey key;  // canonical; differs from the question for an old name or a wrong letter case
    hub::RepoState state = hub::RepoState::open;
    Freshness fresh;
    std::string
        last_error;  // in Proxy-Status words (RFC 9209), empty when the last question worked
    std::optional<Instant> date{};  // of the commit that main points to, where it is known
};

struct RefView {
    std::string name;
    CommitId commit;
    Freshness fresh;
};

// The branches and tags of a repository.
struct RefsView {
    std::vector<hub::Ref> refs;
    // Set when upstream did not answer: of the commits above those whose tree is here, at least
    // one. `refs` is then what was looked at so far, not all that there is.
    std::optional<std::vector<CommitId>> only{};
};

// A commit whose tree is here in full. Numbers are never reused and survive restarts.
struct CommitView {
    std::uint32_t number = 0;
    RepoKey repo;
    CommitId id;
    Instant date{};                 // the mtime of everything in it
    std::uint32_t entries = 0;      // files and directories, the root not counted
    std::uint64_t trees_bytes = 0;  // exact length of trees_text()
    Instant checked{};              // when its tree was fetched
};

// An entry of a commit's tree; number 0 is the root directory.
struct EntryView {
    std::uint32_t number = 0;
    std::uint32_t parent = 0;
    std::string name;  // last component
    hub::TreeEntry entry;
    [[nodiscard]] Content content() const;  // files only
};

// Where a content stands.
struct LocatedEntry {
    CommitView commit;
    EntryView entry;
};

// One version of one public API answer. Immutable; shared by open handles.
struct Document {
    std::uint32_t number = 0;   // of the target, never reused
    std::uint32_t version = 0;  // grows with every new body
    std::string target;
    int status = 0;
    std::string content_type, etag, link, error_code, error_message;
    std::string total_count;  // X-Total-Count, empty: none
    std::string body;
    Freshness fresh;
};

struct CatalogConfig {
    std::chrono::milliseconds ref{std::chrono::minutes(5)};
    std::chrono::milliseconds document{std::chrono::minutes(5)};
    std::chrono::milliseconds absent{std::chrono::seconds(10)};
    std::chrono::milliseconds state{std::chrono::hours(1)};
    std::chrono::milliseconds stale{std::chrono::hours(24 * 7)};
    std::chrono::milliseconds wait{500};
    std::uint64_t documents_bytes = 1ULL << 30;
    std::uint32_t new_documents_per_minute = 3000;  // never seen before; more are rate_limited
    bool offline = false;
};

// What others hold names or answers of has changed: told on a pool thread, after it is stored.
// Either may be empty.
struct CatalogEvents {
    // A repository stopped, or started again, being public.
    std::function<void(const RepoKey&, hub::RepoState)> on_state{};
    // A document has a new version although the old one's lifetime was not over.
    std::function<void(const std::string& target)> on_renewed{};
};

class Catalog {
public:
    static Result<std::unique_ptr<Catalog>> open(CatalogConfig config, Database& database,
                                                 upstream::Source& source, ThreadPool& pool,
                                                 const Clock& clock, CatalogEvents events);
    virtual ~Catalog() = default;

    // The repository, whatever its state: the caller decides what a gated one means.
    virtual void repo(RepoKey key, Done<RepoView> done) = 0;
    // The same for a guess: nobody waits for it longer than `wait` (CatalogConfig), then timed_out.
    virtual void guess_repo(RepoKey key, Done<RepoView> done) = 0;
    // From memory or the store alone: nothing when unknown. For OPEN's check.
    [[nodiscard]] virtual std::optional<RepoView> known_repo(const RepoKey& key) const = 0;
    // A branch, tag, pull-request ref, conversion ref or short hash of a canonical repository.
    // not_found: no such revision. denied or gated: the repository is not public.
    virtual void ref(RepoKey key, std::string name, Done<RefView> done) = 0;
    // The same, but upstream is asked again unless that was done within the last second. When it
    // does not answer in time, what is stored.
    virtual void renewed_ref(RepoKey key, std::string name, Done<RefView> done) = 0;
    // Refs of this repository looked at so far (at most `max`), from the store alone.
    [[nodiscard]] virtual std::vector<RefView> known_refs(const RepoKey& key,
                                                          std::size_t max) const = 0;
    // Every branch and tag (no pull requests, no conversions). When upstream fails: what is known
    // of them, if the tree of at least one of their commits is here.
    virtual void refs(RepoKey key, Done<RefsView> done) = 0;
    // A failure to get content of this repository: last_error tells it until a question works.
    virtual void note_failure(const RepoKey& key, const Error& error) = 0;
    // The same, and what it is to who wanted the content: that of a public repository which is
    // refused (gated, denied) has the state asked for at once, at most once in kFailureMemory. done
    // has the error of that state; protocol while the repository is public; else the error itself.
    virtual void explain_failure(const RepoKey& key, Error error,
                                 std::move_only_function<void(Error)> done) = 0;
    // The commit with its whole tree, fetched and stored if need be.
    virtual void commit(RepoKey key, CommitId id, Done<CommitView> done) = 0;
    // A public API answer by its request target (allow-list: see allowed_document()).
    virtual void document(std::string target, Done<std::shared_ptr<const Document>> done) = 0;
    // The same as renewed_ref() is to ref().
    virtual void renewed_document(std::string target,
                                  Done<std::shared_ptr<const Document>> done) = 0;

    // From the store alone, never waiting.
    [[nodiscard]] virtual Result<CommitView> commit_by_number(std::uint32_t number) const = 0;
    [[nodiscard]] virtual Result<std::optional<EntryView>> entry(std::uint32_t commit,
                                                                 std::uint32_t number) const = 0;
    [[nodiscard]] virtual Result<std::optional<EntryView>> child(std::uint32_t commit,
                                                                 std::uint32_t parent,
                                                                 std::string_view name) const = 0;
    // In byte order of the names.
    [[nodiscard]] virtual Result<std::vector<EntryView>> children(std::uint32_t commit,
                                                                  std::uint32_t parent) const = 0;
    // Where this content stands in trees that are here, whatever the state of their repositories:
    // newest first, one a repository, at most kLocationsMax; none: unknown. rate_limited: a store
    // from before this question is still being read and may have one.
    [[nodiscard]] virtual Result<std::vector<LocatedEntry>> locations(
        const ContentHash& hash) const = 0;
    // The whole tree, one JSON object a line, in the Hub's order.
    [[nodiscard]] virtual Result<std::string> trees_text(std::uint32_t commit) const = 0;
    [[nodiscard]] virtual Result<std::shared_ptr<const Document>> document_by_number(
        std::uint32_t number, std::uint32_t version) const = 0;
    // Namespaces, and repositories of a namespace ("" = one-segment), used on this node.
    [[nodiscard]] virtual std::vector<std::string> known_namespaces(RepoType type) const = 0;
    [[nodiscard]] virtual std::vector<RepoKey> known_repos(RepoType type,
                                                           std::string_view name_space) const = 0;
    // Numbers for path names of the mount outside commits (see fs/tree/inode.h): stable, never
    // reused, over restarts. intern() is quick: the number is durable before it can be reused, the
    // name soon after.
    [[nodiscard]] virtual Result<std::uint64_t> intern(std::string_view path) = 0;
    [[nodiscard]] virtual Result<std::string> interned(std::uint64_t number) const = 0;

    // Withdrawal: grows with every change of a repository's state (design: .status/epoch).
    [[nodiscard]] virtual std::uint64_t epoch() const = 0;
    // The newest changes, oldest first, one "epoch type/id state" line each.
    [[nodiscard]] virtual std::string changes_text() const = 0;
    // Counters as a JSON object.
    [[nodiscard]] virtual std::string stats_json() const = 0;
};

// Whether a target is a public GET that may be kept as a document: listings, info, revision, refs,
// commits, expanded trees and a few search and tag endpoints of models and datasets.
[[nodiscard]] bool allowed_document(std::string_view target);

}  // namespace hubfs::meta
