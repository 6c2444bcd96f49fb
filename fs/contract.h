// SPDX-License-Identifier: Apache-2.0
// The mount contract's names: what hubfs presents and all that hub-httpd may rely on. Paths are
// relative to the mount point. docs/mount_contract.md explains each; changing one here is a change
// of the contract. Header only, so that both programs share it without sharing code.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubfs::contract {

inline constexpr std::string_view kTreesDir = ".trees";
inline constexpr std::string_view kApiDir = ".api";
// Below .api: the same documents, after upstream was asked again (once a second and document).
inline constexpr std::string_view kRenewedDir = "renewed";
inline constexpr std::string_view kBlobsDir = ".blobs";
// Below .blobs: contents by their hash in lower-case hex digits.
inline constexpr std::string_view kSha256Dir = "sha256";
inline constexpr std::string_view kGitSha1Dir = "git-sha1";
inline constexpr std::string_view kStatusDir = ".status";
inline constexpr std::string_view kHubDir = "hub";
inline constexpr std::string_view kCatalogDir = "catalog";
inline constexpr std::string_view kIndexesDir = "indexes";
// Stands for the absent namespace of a one-segment repository: models/-/<name>.
inline constexpr std::string_view kNoNamespace = "-";

// Files of .status.
inline constexpr std::string_view kEpochFile = ".status/epoch";      // decimal, direct I/O
inline constexpr std::string_view kChangesFile = ".status/changes";  // "epoch type/id state" lines
inline constexpr std::string_view kVersionFile = ".status/version";
inline constexpr std::string_view kJobsFile = ".status/jobs";  // a JSON list of jobs

// Extended attributes of files in a commit, and but for the first of files in .blobs.
inline constexpr std::string_view kXattrCommit = "user.hub.commit";      // 40 hex
inline constexpr std::string_view kXattrEtag = "user.hub.etag";          // without quotes
inline constexpr std::string_view kXattrSha256 = "user.hub.sha256";      // LFS files only
inline constexpr std::string_view kXattrOid = "user.hub.oid";            // git blob SHA-1
inline constexpr std::string_view kXattrCached = "user.hub.cached";      // "0-1048575 …" or "none"
inline constexpr std::string_view kXattrHeldPrefix = "user.hub.held.";   // + "<first>-<last>": 1/0
inline constexpr std::string_view kXattrVerified = "user.hub.verified";  // 1 or 0

// Extended attributes of repository directories.
inline constexpr std::string_view kXattrState = "user.hub.state";  // public gated private disabled
inline constexpr std::string_view kXattrId = "user.hub.id";        // the canonical id
// + "<ref>" as encode_ref spells it; value: "commit=… checked=… how=… expires=…".
inline constexpr std::string_view kXattrRefPrefix = "user.hub.ref.";
// + "<ref>": the same value after upstream was asked again. Reading it is a question to upstream,
// once a second and reference at most; it is never listed.
inline constexpr std::string_view kXattrRenewedPrefix = "user.hub.renewed.";
inline constexpr std::string_view kXattrLastError = "user.hub.last_error";

// Extended attributes of .api documents. Values of checked and expires: RFC 3339 with microseconds;
// how: fetched, revalidated or stale.
inline constexpr std::string_view kXattrStatus = "user.hub.status";
inline constexpr std::string_view kXattrContentType = "user.hub.content_type";
inline constexpr std::string_view kXattrLink = "user.hub.link";
inline constexpr std::string_view kXattrTotalCount = "user.hub.total_count";  // X-Total-Count
inline constexpr std::string_view kXattrChecked = "user.hub.checked";
inline constexpr std::string_view kXattrHow = "user.hub.how";
inline constexpr std::string_view kXattrExpires = "user.hub.expires";
inline constexpr std::string_view kXattrErrorCode = "user.hub.error_code";        // X-Error-Code
inline constexpr std::string_view kXattrErrorMessage = "user.hub.error_message";  // X-Error-Message

// A ref name as one directory entry: only "/" becomes %2F and "%" becomes %25.
[[nodiscard]] inline std::string encode_ref(std::string_view ref) {
    std::string name;
    name.reserve(ref.size());
    for (const char c : ref) {
        if (c == '/') {
            name += "%2F";
        } else if (c == '%') {
            name += "%25";
        } else {
            name += c;
        }
    }
    return name;
}

// The inverse; nothing for a name that encode_ref never makes.
[[nodiscard]] inline std::optional<std::string> decode_ref(std::string_view name) {
    std::string ref;
    ref.reserve(name.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] != '%') {
            ref += name[i];
        } else if (name.substr(i, 3) == "%2F") {
            ref += '/';
            i += 2;
        } else if (name.substr(i, 3) == "%25") {
            ref += '%';
            i += 2;
        } else {
            return std::nullopt;
        }
    }
    return ref;
}

// A request target below .api: "/" becomes %2F, "%" %25 and "+" %2B; the result is cut into
// components of at most 200 bytes, all but the last ending in "+".
inline constexpr std::size_t kApiComponentMax = 200;

[[nodiscard]] inline std::vector<std::string> api_components(std::string_view target) {
    std::string text;
    for (const char c : target) {
        if (c == '/') {
            text += "%2F";
        } else if (c == '%') {
            text += "%25";
        } else if (c == '+') {
            text += "%2B";
        } else {
            text += c;
        }
    }
    std::vector<std::string> components;
    while (text.size() > kApiComponentMax) {
        components.push_back(text.substr(0, kApiComponentMax - 1) + "+");
        text.erase(0, kApiComponentMax - 1);
    }
    components.push_back(std::move(text));
    return components;
}

// The target that these components spell (the last must not end in "+"), or nothing.
[[nodiscard]] inline std::optional<std::string> api_target(
    const std::vector<std::string_view>& components) {
    std::string text;
    for (std::size_t i = 0; i < components.size(); ++i) {
        const bool last = i + 1 == components.size();
        const bool open = components[i].ends_with('+');
        if (last == open) {
            return std::nullopt;
        }
        text += components[i].substr(0, components[i].size() - (open ? 1 : 0));
    }
    std::string target;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            target += text[i];
            continue;
        }
        const std::string_view code = std::string_view(text).substr(i, 3);
        if (code == "%2F") {
            target += '/';
        } else if (code == "%25") {
            target += '%';
        } else if (code == "%2B") {
            target += '+';
        } else {
            return std::nullopt;
        }
        i += 2;
    }
    return target;
}

}  // namespace hubfs::contract
