// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/xattr_rows.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include "fs/contract.h"
#include "fs/tree/path.h"

namespace hubfs::tree {

namespace {

using Value = std::optional<std::string>;

Value unless_empty(const std::string& text) {
    return text.empty() ? Value() : Value(text);
}

// "0-1048575 2097152-3145727"; "none".
std::string cached_value(const Context& context, const Content& content) {
    std::string text;
    for (const auto& range : context.cache.ranges(content, kCachedRangesMax)) {
        text += text.empty() ? "" : " ";
        text += std::to_string(range.first) + "-" + std::to_string(range.end - 1);
    }
    return text.empty() ? "none" : text;
}

std::string verified_value(const Context& context, const Content& content) {
    return context.cache.verified(content) ? "1" : "0";
}

struct InCommit {
    const Context& context;
    const Entry& entry;

    [[nodiscard]] bool file() const { return !entry.directory(); }
    [[nodiscard]] bool root() const { return entry.view.number == 0; }
    [[nodiscard]] const hub::TreeEntry& item() const { return entry.view.entry; }
};

template <class Subject>
struct Row {
    std::string_view name;
    Value (*value)(const Subject&);
};

constexpr Row<InCommit> kEntryRows[] = {
    {contract::kXattrCommit,
     [](const InCommit& at) {
         return at.file() || at.root() ? Value(at.entry.commit.id.hex()) : Value();
     }},
    {contract::kXattrChecked,
     [](const InCommit& at) {
         return at.root() ? Value(to_text(at.entry.commit.checked)) : Value();
     }},
    {contract::kXattrEtag,
     [](const InCommit& at) {
         return at.file() ? Value(at.item().lfs() ? at.item().lfs_oid : at.item().oid) : Value();
     }},
    {contract::kXattrSha256,
     [](const InCommit& at) { return at.file() ? unless_empty(at.item().lfs_oid) : Value(); }},
    {contract::kXattrOid,
     [](const InCommit& at) { return at.file() ? Value(at.item().oid) : Value(); }},
    {contract::kXattrCached,
     [](const InCommit& at) {
         return at.file() ? Value(cached_value(at.context, at.entry.view.content())) : Value();
     }},
    {contract::kXattrVerified,
     [](const InCommit& at) {
         return at.file() ? Value(verified_value(at.context, at.entry.view.content())) : Value();
     }},
};

struct InBlobs {
    const Context& context;
    const Content& content;

    [[nodiscard]] Value hash(HashKind kind) const {
        return content.hash.kind == kind ? Value(content.hash.hex()) : Value();
    }
};

constexpr Row<InBlobs> kBlobRows[] = {
    {contract::kXattrEtag, [](const InBlobs& at) { return Value(at.content.hash.hex()); }},
    {contract::kXattrSha256, [](const InBlobs& at) { return at.hash(HashKind::sha256); }},
    {contract::kXattrOid, [](const InBlobs& at) { return at.hash(HashKind::git_sha1); }},
    {contract::kXattrCached,
     [](const InBlobs& at) { return Value(cached_value(at.context, at.content)); }},
    {contract::kXattrVerified,
     [](const InBlobs& at) { return Value(verified_value(at.context, at.content)); }},
};

constexpr Row<meta::Document> kDocumentRows[] = {
    {contract::kXattrStatus,
     [](const meta::Document& at) { return Value(std::to_string(at.status)); }},
    {contract::kXattrContentType,
     [](const meta::Document& at) { return unless_empty(at.content_type); }},
    {contract::kXattrEtag, [](const meta::Document& at) { return unless_empty(at.etag); }},
    {contract::kXattrLink, [](const meta::Document& at) { return unless_empty(at.link); }},
    {contract::kXattrTotalCount,
     [](const meta::Document& at) { return unless_empty(at.total_count); }},
    {contract::kXattrChecked,
     [](const meta::Document& at) { return Value(to_text(at.fresh.checked)); }},
    {contract::kXattrHow,
     [](const meta::Document& at) { return Value(meta::name_of(at.fresh.how)); }},
    {contract::kXattrExpires,
     [](const meta::Document& at) { return Value(to_text(at.fresh.expires)); }},
    {contract::kXattrErrorCode,
     [](const meta::Document& at) { return unless_empty(at.error_code); }},
    {contract::kXattrErrorMessage,
     [](const meta::Document& at) { return unless_empty(at.error_message); }},
};

constexpr Row<meta::RepoView> kRepoRows[] = {
    {contract::kXattrState, [](const meta::RepoView& at) { return Value(hub::name_of(at.state)); }},
    {contract::kXattrId, [](const meta::RepoView& at) { return Value(at.key.id); }},
    // A parameter of Proxy-Status, so that it can be sent as it is (RFC 9209 section 2.1.1).
    {contract::kXattrLastError,
     [](const meta::RepoView& at) {
         return at.last_error.empty() ? Value() : Value("error=" + at.last_error);
     }},
};

template <class Subject>
Result<std::string> get(std::span<const Row<Subject>> rows, const Subject& subject,
                        std::string_view name) {
    const auto row = std::ranges::find(rows, name, &Row<Subject>::name);
    auto value = row == rows.end() ? Value() : row->value(subject);
    if (!value) {
        return fail(Code::no_attribute, "no attribute " + std::string(name));
    }
    return std::move(*value);
}

template <class Subject>
std::vector<std::string> list(std::span<const Row<Subject>> rows, const Subject& subject) {
    std::vector<std::string> names;
    for (const auto& row : rows) {
        if (row.value(subject)) {
            names.emplace_back(row.name);
        }
    }
    return names;
}

bool digits_to(std::string_view text, std::uint64_t& number) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        return false;
    }
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end;
}

// Whether every byte of the range that the file has is here; nothing beyond its end is missing.
Result<std::string> held_value(const Context& context, const Content& content,
                               std::string_view name) {
    auto range = parse_held(name.substr(contract::kXattrHeldPrefix.size()));
    if (!range) {
        return fail(Code::invalid, std::string(name) + " is not held.<first>-<last>");
    }
    range->end = std::min(range->end, content.size_bytes);
    return range->empty() || context.cache.held(content, *range) ? "1" : "0";
}

}  // namespace

Result<std::string> entry_xattr(const Context& context, const Entry& entry, std::string_view name) {
    if (!entry.directory() && name.starts_with(contract::kXattrHeldPrefix)) {
        return held_value(context, entry.view.content(), name);
    }
    return get<InCommit>(kEntryRows, {.context = context, .entry = entry}, name);
}

std::vector<std::string> entry_xattrs(const Context& context, const Entry& entry) {
    return list<InCommit>(kEntryRows, {.context = context, .entry = entry});
}

Result<std::string> blob_xattr(const Context& context, const Content& content,
                               std::string_view name) {
    if (name.starts_with(contract::kXattrHeldPrefix)) {
        return held_value(context, content, name);
    }
    return get<InBlobs>(kBlobRows, {.context = context, .content = content}, name);
}

std::vector<std::string> blob_xattrs(const Context& context, const Content& content) {
    return list<InBlobs>(kBlobRows, {.context = context, .content = content});
}

Result<std::string> document_xattr(const meta::Document& document, std::string_view name) {
    return get<meta::Document>(kDocumentRows, document, name);
}

std::vector<std::string> document_xattrs(const meta::Document& document) {
    return list<meta::Document>(kDocumentRows, document);
}

bool is_repo_xattr(std::string_view name) {
    return std::ranges::find(kRepoRows, name, &Row<meta::RepoView>::name) != std::end(kRepoRows);
}

Result<std::string> repo_xattr(const meta::RepoView& repo, std::string_view name) {
    return get<meta::RepoView>(kRepoRows, repo, name);
}

std::vector<std::string> repo_xattrs(const Context& context, const meta::RepoView& repo) {
    auto names = list<meta::RepoView>(kRepoRows, repo);
    if (repo.state != hub::RepoState::open) {
        return names;  // its references are not shown
    }
    for (const auto& ref : context.catalog.known_refs(repo.key, kListedRefsMax)) {
        auto name = std::string(contract::kXattrRefPrefix) + contract::encode_ref(ref.name);
        if (name.size() <= kXattrNameMax) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

std::optional<std::string> ref_of_xattr(std::string_view name, bool renewed) {
    const std::string_view prefix =
        renewed ? contract::kXattrRenewedPrefix : contract::kXattrRefPrefix;
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    auto ref = contract::decode_ref(name.substr(prefix.size()));
    // 40 hex digits are a commit, which needs no reference to find it.
    return ref && valid_revision(*ref) && !CommitId::from_hex(*ref) ? ref : std::nullopt;
}

std::string ref_value(const meta::RefView& ref) {
    return "commit=" + ref.commit.hex() + " checked=" + to_text(ref.fresh.checked) +
           " how=" + std::string(meta::name_of(ref.fresh.how)) +
           " expires=" + to_text(ref.fresh.expires);
}

std::optional<ByteRange> parse_held(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (!digits_to(text.substr(0, dash), first) || !digits_to(text.substr(dash + 1), last) ||
        first > last) {
        return std::nullopt;
    }
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    return ByteRange{.first = first, .end = last == kMax ? kMax : last + 1};
}

}  // namespace hubfs::tree
